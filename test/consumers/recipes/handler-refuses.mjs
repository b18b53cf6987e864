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

export { app, PORT }

const { ISSUER = '', AUDIENCE = '', PORT = '3000' } = process.env

const app = express()
const revocations = memoryRevocationStore() // one process; in production redisRevocationStore
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason, event.detail ?? '')
  },
})

app.use('/api', bearer, jtiBlocklist(revocations)) // routes above this line are public
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
