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

const { ISSUER = 'https://id.example.com', AUDIENCE = 'https://api.example.com' } = process.env

/** Your database. */
async function isActive(user) {
  if (user === 'nobody-knows') throw new Error('The database does not answer')
  return user !== 'closed'
}

export const app = express()
const revocations = memoryRevocationStore()
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
})

app.use('/api', bearer, jtiBlocklist(revocations))
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
