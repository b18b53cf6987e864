import express from 'express'
import { authOf, jtiBlocklist, logout, requireBearer, requireScope } from 'express-resource-server'
import { redisRevocationStore } from 'express-resource-server/redis'

export { app, PORT }

const { ISSUER = '', AUDIENCE = '', PORT = '3000' } = process.env

const app = express()
const revocations = redisRevocationStore({ redis: process.env.REDIS_URL ?? 'redis://127.0.0.1' })
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason, event.detail ?? '')
  },
})

const denylist = jtiBlocklist(revocations, {
  onUnavailable: (auth, req) => (req.method === 'GET' ? 'dangerouslyAllow' : 'refuse'),
})
app.use('/api', bearer, denylist)
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
