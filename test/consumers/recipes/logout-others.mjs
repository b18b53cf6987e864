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
})

app.use('/api', bearer, jtiBlocklist(revocations))
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
app.post(
  '/logout-others',
  bearer,
  jtiBlocklist(revocations),
  logout(revocations, { scope: 'others' }),
)
