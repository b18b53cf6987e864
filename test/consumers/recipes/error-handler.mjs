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
  onRefuse: (error, req, res, next) => next(error),
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason, event.detail ?? '')
  },
})

app.use('/api', bearer, jtiBlocklist(revocations)) // routes above this line are public
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
app.use((error, req, res, next) => {
  res.status(error.status ?? 500).json({ code: error.code, id: req.headers['x-request-id'] })
})
