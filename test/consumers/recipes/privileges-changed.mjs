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
  claims: { version: 'version' },
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason, event.detail ?? '')
  },
})

app.use('/api', bearer, jtiBlocklist(revocations)) // routes above this line are public
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))

/** Tokens of this user with a lower version, or none, are refused from now on. */
export async function roleTakenAway(subject, version) {
  await revocations.requireTokenVersion({ issuer: ISSUER, subject }, version)
}

/** Without versions: tokens issued up to this second are refused. The default is now. */
export async function roleTakenAwayAt(subject, issuedBefore) {
  await revocations.revokeSubject({ issuer: ISSUER, subject }, { issuedBefore })
}
