import express from 'express'
import { authOf, jtiBlocklist, logout, requireBearer, requireScope } from 'express-resource-server'
import { redisRevocationStore } from 'express-resource-server/redis'

const { ISSUER = 'https://id.example.com', AUDIENCE = 'https://api.example.com' } = process.env

export const app = express()
const revocations = redisRevocationStore({ redis: process.env.REDIS_URL ?? 'redis://127.0.0.1' })
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
})

const denylist = jtiBlocklist(revocations, {
  onUnavailable: (auth, req) => (req.method === 'GET' ? 'dangerouslyAllow' : 'refuse'),
})
app.use('/api', bearer, denylist)
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
