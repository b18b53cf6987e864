import express from 'express'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
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
app.post('/logout', bearer, logout(revocations))
app.post(
  '/logout-others',
  bearer,
  jtiBlocklist(revocations),
  logout(revocations, { scope: 'others' }),
)
