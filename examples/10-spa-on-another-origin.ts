// The front end lives at another origin. One list says whose pages may read answers (CORS) and whose
// pages may use the cookie (CSRF): two lists would drift apart.
//
//   npx tsx examples/10-spa-on-another-origin.ts
//
// It starts an issuer and prints a token. Paste that line into a second shell, then act the browser:
//
//   curl -i -X OPTIONS 127.0.0.1:3000/notes -H "Origin: https://app.example.com" -H "Access-Control-Request-Method: POST" # 204, and may
//   curl -i -X OPTIONS 127.0.0.1:3000/notes -H "Origin: https://evil.example" -H "Access-Control-Request-Method: POST"    # 204, and may not
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Sec-Fetch-Site: same-site" -H "Origin: https://app.example.com"  # 201
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Sec-Fetch-Site: same-site" -H "Origin: https://blog.example.com" # 403
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Origin: http://app.example.com"  # 403, another scheme
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN" -H "Origin: https://any.example"                # 201, no cookie
import express from 'express'
import { strictCors, tokenCookie } from '../lib/browser.js'
import { requireBearer, securityHeaders } from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({ TOKEN: { user: 'alice', scope: 'notes' } })

const trustedOrigins = ['https://app.example.com']
const app = express()

app.use(securityHeaders())
// In front of requireBearer: a preflight carries no token.
app.use(strictCors({ trustedOrigins, credentials: true }))
app.use(requireBearer({ issuer, audience, cookie: { ...tokenCookie(), trustedOrigins } }))

app.post('/notes', (_req, res) => void res.sendStatus(201))

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
