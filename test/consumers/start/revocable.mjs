import express from 'express'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from 'express-resource-server'

export const app = express()
app.get('/health', (_req, res) => void res.send('ok'))

const bearer = requireBearer({
  issuer: process.env.ISSUER ?? 'https://id.example.com',
  audience: process.env.AUDIENCE ?? 'https://api.example.com',
})
const revocations = memoryRevocationStore() // redisRevocationStore() for more than one process
app.post('/logout', bearer, logout(revocations))
app.use('/api', bearer, jtiBlocklist(revocations))

app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
