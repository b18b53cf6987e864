// Reading is open to every user; moving money asks for a second factor, and a login of the last five
// minutes (RFC 9470).
//
//   npx tsx examples/08-step-up.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/balance -H "Authorization: Bearer $PASSWORD"              # 200
//   curl -i -X POST 127.0.0.1:3000/transfers -H "Authorization: Bearer $PASSWORD"    # 401
//   curl -i -X POST 127.0.0.1:3000/transfers -H "Authorization: Bearer $STALE"       # 401
//   curl -i -X POST 127.0.0.1:3000/transfers -H "Authorization: Bearer $STRONG"      # 204
//
// The 401 says what to log in with, and the client sends its user to the issuer with the same words:
//
//   WWW-Authenticate: Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="300"
//   https://id.example.com/authorize?acr_values=mfa&max_age=300&...
//
// The issuer must put "acr" and "auth_time" into access tokens (RFC 9068 section 2.2.1).
import express from 'express'
import { authOf, requireBearer, requireStepUp } from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const now = Math.floor(Date.now() / 1000)
const user = { user: 'alice', scope: 'notes:read' }
const { issuer, audience } = await trustedIssuer({
  PASSWORD: { ...user, claims: { acr: 'pwd', auth_time: now } },
  STALE: { ...user, claims: { acr: 'mfa', auth_time: now - 3600 } },
  STRONG: { ...user, claims: { acr: 'mfa', auth_time: now } },
})

const app = express()
app.use(requireBearer({ issuer, audience }))

app.get('/balance', (req, res) => void res.json({ owner: authOf(req).subject }))

const strongly = requireStepUp({ acr: 'mfa', maxAgeSeconds: 300 })
app.post('/transfers', strongly, (_req, res) => void res.status(204).end())

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
