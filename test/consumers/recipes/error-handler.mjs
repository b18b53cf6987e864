import express from 'express'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from 'express-resource-server'

const { ISSUER = 'https://id.example.com', AUDIENCE = 'https://api.example.com' } = process.env

export const app = express()
const revocations = memoryRevocationStore()
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
  onRefuse: (error, req, res, next) => next(error),
})

app.use('/api', bearer, jtiBlocklist(revocations))
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
app.use((error, req, res, next) => {
  res.status(error.status ?? 500).json({ code: error.code, id: req.headers['x-request-id'] })
})
