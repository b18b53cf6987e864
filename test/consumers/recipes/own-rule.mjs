import express from 'express'
import {
  AuthError,
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from 'express-resource-server'

export { app, PORT }

const { ISSUER = '', AUDIENCE = '', PORT = '3000' } = process.env

/** Your database. */
async function isActive(user) {
  if (user === 'nobody-knows') throw new Error('The database does not answer')
  return user !== 'closed'
}

const app = express()
const revocations = memoryRevocationStore() // one process; in production redisRevocationStore
const bearer = requireBearer({
  issuer: ISSUER,
  audience: AUDIENCE,
  validate: async ({ subject }) => {
    const active = await isActive(subject).catch((cause) => {
      const reason = 'validate_unavailable'
      throw new AuthError('temporarily_unavailable', { reason, retryAfterSeconds: 5, cause }) // 503
    })
    if (!active) throw new Error('The account is closed') // 401; the text is for your events
  },
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason, event.detail ?? '')
  },
})

app.use('/api', bearer, jtiBlocklist(revocations)) // routes above this line are public
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
