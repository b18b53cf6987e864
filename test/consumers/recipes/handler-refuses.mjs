import express from 'express'
import {
  AuthError,
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  refuse,
  requireBearer,
  requireScope,
} from 'express-resource-server'

const { ISSUER = 'https://id.example.com', AUDIENCE = 'https://api.example.com' } = process.env

export const app = express()
const revocations = memoryRevocationStore()
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
})

app.use('/api', bearer, jtiBlocklist(revocations))
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.put('/api/notes/:id', (req, res) => {
  if (authOf(req).scopes.has('notes:unlock')) return res.sendStatus(204)
  const scopes = ['notes:unlock']
  const reason = 'scope_missing'
  const detail = 'The note is locked'
  refuse(req, res, new AuthError('insufficient_scope', { reason, detail, scopes }))
})
app.post('/logout', bearer, logout(revocations))
