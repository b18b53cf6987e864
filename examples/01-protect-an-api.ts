// Requests for /notes need an access token of your issuer, made for this API.
//
//   npx tsx examples/01-protect-an-api.ts
//
// It starts an issuer and prints a token. Paste that line into a second shell, then:
//
//   curl -i 127.0.0.1:3000/health                                      # 200, open to all
//   curl -i 127.0.0.1:3000/notes                                       # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"     # 200
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer not-a-jwt"  # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer not a jwt"  # 400
//
// With an issuer of your own, and its tokens:
//
//   ISSUER=https://id.example.com AUDIENCE=https://api.example.com npx tsx examples/01-protect-an-api.ts
import express from 'express'
import { authOf, requireBearer } from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({ TOKEN: { user: 'alice', scope: 'notes:read' } })

const app = express()

app.get('/health', (_req, res) => void res.json({ ok: true }))

// Keys are found by discovery, and followed through rotations and outages of the issuer.
app.use(requireBearer({ issuer, audience }))

app.get('/notes', (req, res) => {
  const { subject, scopes } = authOf(req)
  res.json({ notes: [`Hello ${subject}`], scopes: [...scopes] })
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
