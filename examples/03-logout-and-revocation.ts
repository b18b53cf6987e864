// A JWT is valid until it expires, unless somebody asks whether it was revoked: the blocklist does.
//
//   npx tsx examples/03-logout-and-revocation.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $LAPTOP"                        # 200
//   curl -i -X POST 127.0.0.1:3000/logout -H "Authorization: Bearer $LAPTOP"               # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $LAPTOP"                        # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $PHONE"                         # 200, another session
//   curl -i -X POST 127.0.0.1:3000/users/alice/block -H "Authorization: Bearer $PHONE"     # 403
//   curl -i -X POST 127.0.0.1:3000/users/alice/block -H "Authorization: Bearer $SUPPORT"   # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $PHONE"                         # 401
import express from 'express'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({
  LAPTOP: { user: 'alice', scope: 'notes:read' },
  PHONE: { user: 'alice', scope: 'notes:read' },
  SUPPORT: { user: 'bob', scope: 'users:block' },
})

// One process only; 04-redis-outage.ts has the store that several share and that survives a restart.
const revocations = memoryRevocationStore()
const bearer = requireBearer({ issuer, audience })
const app = express()

// Without the blocklist in front, so that a second click on "log out" is no error.
app.post('/logout', bearer, logout(revocations))

app.use(bearer, jtiBlocklist(revocations))

app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))

// All tokens of a user issued so far, in whatever session.
app.post('/users/:subject/block', requireScope('users:block'), (req, res, next) => {
  const { subject } = req.params
  revocations.revokeSubject({ issuer, subject }).then(() => res.status(204).end(), next)
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
