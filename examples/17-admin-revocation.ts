// When a laptop is lost or a client leaks, support ends a session, a user or a client by an admin API.
//
//   npx tsx examples/17-admin-revocation.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/admin/revocations -H "Authorization: Bearer $LAPTOP"                     # 403
//   curl -i 127.0.0.1:3000/admin/revocations -H "Authorization: Bearer $ADMIN"                      # 200
//   curl -i -X POST 127.0.0.1:3000/admin/sessions/lost-laptop -H "Authorization: Bearer $ADMIN"     # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $LAPTOP"                                 # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $PHONE"                                  # 200
//   curl -i -X POST 127.0.0.1:3000/admin/users/alice -H "Authorization: Bearer $ADMIN"              # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $PHONE"                                  # 401
//   curl -i -X POST 127.0.0.1:3000/admin/clients/notes-app -H "Authorization: Bearer $ADMIN"        # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $BOB"                                    # 401
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
  LAPTOP: { user: 'alice', scope: 'notes:read', claims: { sid: 'lost-laptop' } },
  PHONE: { user: 'alice', scope: 'notes:read' },
  BOB: { user: 'bob', scope: 'notes:read' },
  ADMIN: { user: 'carol', scope: 'notes:read', claims: { roles: ['admin'] } },
})

const revocations = memoryRevocationStore()
const app = express()

// An administrator's token can be revoked like any other.
app.use(requireBearer({ issuer, audience }), jtiBlocklist(revocations))
app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))

const admin = express.Router().use(requireRole('admin'))
app.use('/admin', admin)

admin.get('/revocations', (_req, res) => void res.json(revocations.status()))
admin.post('/sessions/:sessionId', (req, res, next) => {
  const { sessionId } = req.params
  revocations.revokeSession({ issuer, sessionId }).then(() => res.status(204).end(), next)
})
// All tokens that were issued so far: a user who may still log in gets good ones.
admin.post('/users/:subject', (req, res, next) => {
  const { subject } = req.params
  revocations.revokeSubject({ issuer, subject }).then(() => res.status(204).end(), next)
})
admin.post('/clients/:clientId', (req, res, next) => {
  const { clientId } = req.params
  revocations.revokeClient({ issuer, clientId }).then(() => res.status(204).end(), next)
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
