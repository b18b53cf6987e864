// A role is taken away: older tokens are refused at the next request, and a client that refreshes gets
// one that tells the truth. Sessions go on; nobody has to log in again.
//
//   npx tsx examples/18-token-versions.ts
//
// It starts an issuer and prints tokens; FRESH is what alice's client gets by a refresh, once she lost
// her role. Paste these lines into a second shell, then:
//
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $EDITOR"                        # 201
//   curl -i -X POST 127.0.0.1:3000/users/alice/demote -H "Authorization: Bearer $ADMIN"            # 204
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $EDITOR"                        # 401, so it refreshes
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $FRESH"                         # 403
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $FRESH"                                 # 200
//   curl -i -X POST 127.0.0.1:3000/users/bob/password-changed -H "Authorization: Bearer $ADMIN"    # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $BOB"                                   # 401
import express from 'express'
import {
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireRole,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({
  EDITOR: { user: 'alice', scope: 'notes:read', claims: { roles: ['editor'], version: 1 } },
  FRESH: { user: 'alice', scope: 'notes:read', claims: { roles: [], version: 2 } },
  BOB: { user: 'bob', scope: 'notes:read', claims: { version: 1 } },
  ADMIN: { user: 'carol', scope: 'notes:read', claims: { roles: ['admin'], version: 1 } },
})

const revocations = memoryRevocationStore()
const app = express()

// The issuer stamps each token with the version of the user's row, which every change raises.
const bearer = requireBearer({ issuer, audience, claims: { version: 'version' } })
app.use(bearer, jtiBlocklist(revocations))

app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))
app.post('/notes', requireRole('editor'), (_req, res) => void res.status(201).json({}))

app.post('/users/:subject/demote', requireRole('admin'), (req, res, next) => {
  const { subject } = req.params
  const version = 2 // what the update of the user's row returned
  const answer = (): unknown => res.sendStatus(204)
  revocations.requireTokenVersion({ issuer, subject }, version).then(answer, next)
})

// Without versions, by the second of the change: tokens that were issued since then stay good.
app.post('/users/:subject/password-changed', requireRole('admin'), (req, res, next) => {
  const { subject } = req.params
  const issuedBefore = Date.now() / 1000 // as the issuer's message says, by its own clock
  const answer = (): unknown => res.sendStatus(204)
  revocations.revokeSubject({ issuer, subject }, { issuedBefore }).then(answer, next)
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
