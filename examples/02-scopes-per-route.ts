// Each route names the scopes it needs; a refusal names them to the client, so that it can ask for more.
//
//   npx tsx examples/02-scopes-per-route.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $READER"              # 200
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $READER"      # 403, scope="notes:write"
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $WRITER"      # 201
//   curl -i -X DELETE 127.0.0.1:3000/notes/1 -H "Authorization: Bearer $WRITER"  # 403, scope="notes:write notes:delete"
//   curl -i -X DELETE 127.0.0.1:3000/notes/1 -H "Authorization: Bearer $ADMIN"   # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $ADMIN"               # 200
import express from 'express'
import { authOf, requireAnyScope, requireBearer, requireScope } from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({
  READER: { user: 'alice', scope: 'notes:read' },
  WRITER: { user: 'bob', scope: 'notes:read notes:write' },
  ADMIN: { user: 'carol', scope: 'notes:admin' },
})

const app = express()

// A token for notes:admin does not have to list the scopes that every administrator has anyway.
const scopeImplies = { 'notes:admin': ['notes:read', 'notes:write'] }
app.use(requireBearer({ issuer, audience, scopeImplies }))

app
  .route('/notes')
  .get(requireScope('notes:read'), (req, res) => void res.json({ reader: authOf(req).subject }))
  .post(requireScope('notes:write'), (req, res) => {
    res.status(201).json({ writer: authOf(req).subject })
  })

// Both of the first, or the second alone.
app.delete(
  '/notes/:id',
  requireAnyScope(['notes:write notes:delete', 'notes:admin']),
  (_req, res) => {
    res.status(204).end()
  },
)

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
