// A single-page app keeps its token in a cookie that no script can read. The check against foreign
// pages is part of reading the cookie: there is no route on which it could be forgotten.
//
//   npx tsx examples/09-browser-cookie-spa.ts
//
// It starts an issuer and prints a token. Paste that line into a second shell, then act the browser:
//
//   curl -i -X POST 127.0.0.1:3000/session -H "Authorization: Bearer $TOKEN"                                           # 204, Set-Cookie
//   curl -i 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN"                                          # 200
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Sec-Fetch-Site: same-origin" # 201
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Sec-Fetch-Site: same-site"   # 403
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN"                                  # 403
//   curl -i -X POST 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN" -H "X-CSRF: 1"                   # 201, no foreign page can
//   curl -i 127.0.0.1:3000/notes -H "Cookie: access_token=$TOKEN"                                                      # 401
//   curl -i -X POST 127.0.0.1:3000/logout -H "Cookie: __Host-Http-access_token=$TOKEN" -H "Sec-Fetch-Site: same-origin" # 204
//   curl -i 127.0.0.1:3000/notes -H "Cookie: __Host-Http-access_token=$TOKEN"                                          # 401
import express from 'express'
import { tokenCookie } from '../lib/browser.js'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  securityHeaders,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({ TOKEN: { user: 'alice', scope: 'notes' } })

const cookie = tokenCookie()
const revocations = memoryRevocationStore()
const bearer = requireBearer({ issuer, audience, cookie })
const app = express()

app.use(securityHeaders())
app.use(bearer, jtiBlocklist(revocations))

// Your login ends here, with the token that it got. The cookie lives as long as the token.
app.post('/session', (req, res) => {
  const token = req.headers.authorization?.slice('Bearer '.length) ?? ''
  cookie.set(res, token, { expiresAt: authOf(req).expiresAt })
  res.sendStatus(204)
})

app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))
app.post('/notes', (_req, res) => void res.sendStatus(201))

// The cookie goes only when the revocation is stored: a copy of it is worthless from then on.
app.post('/logout', logout(revocations, { cookies: [cookie] }))

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
