// Login and sessions for pages: the tokens stay on the server, the browser holds a cookie (RFC 10017).
//
//   npx tsx examples/14-token-handler.ts
//
// Open http://127.0.0.1:3000/ in Chromium or Firefox and log in with any name. It also logs in by itself
// and prints the cookie of that login. Paste the line into a second shell, then:
//
//   curl -i 127.0.0.1:3000/api/me                                                    # 401
//   curl -i 127.0.0.1:3000/auth/login?return_to=//evil.example                       # 400
//   curl -i 127.0.0.1:3000/api/me -H "Cookie: $COOKIE"                               # 200
//   curl -i 127.0.0.1:3000/api/admin -H "Cookie: $COOKIE"                            # 403, scope="admin"
//   curl -i 127.0.0.1:3000/auth/session -H "Cookie: $COOKIE"                         # 200, and no token
//   curl -i -X POST 127.0.0.1:3000/auth/refresh -H "Cookie: $COOKIE" -H "X-CSRF: 1"  # 204
//   curl -i -X POST 127.0.0.1:3000/auth/logout -H "Cookie: $COOKIE"                  # 403, no page of ours sent it
//   curl -i -X POST 127.0.0.1:3000/auth/logout -H "Cookie: $COOKIE" -H "X-CSRF: 1"   # 200
//   curl -i 127.0.0.1:3000/api/me -H "Cookie: $COOKIE"                               # 401
import { randomBytes } from 'node:crypto'
import express from 'express'
import {
  authOf,
  clientSecretBasic,
  jtiBlocklist,
  memoryRevocationStore,
  requireScope,
} from '../lib/index.js'
import { memorySessionStore, tokenHandler } from '../lib/session.js'
import { openLoginBrowser } from '../tools/login-browser.js'
import { AUDIENCE, CLIENT, startLoginProvider } from '../tools/login-provider.js'

const port = Number(process.env['PORT'] ?? 3000)
const url = `http://127.0.0.1:${port}`
const redirectUri = `${url}/auth/callback`
const provider = await startLoginProvider({ redirectUri, afterLogout: `${url}/` })

const revocations = memoryRevocationStore()
const bff = tokenHandler({
  issuer: provider.url,
  audience: AUDIENCE,
  clientId: CLIENT.id,
  clientAuth: clientSecretBasic(CLIENT.secret),
  redirectUri,
  afterLogout: `${url}/`,
  scopes: 'notes:read',
  sessions: memorySessionStore(),
  secrets: [process.env['SESSION_SECRET'] ?? randomBytes(32)],
  revocations,
})

const app = express().use(bff.routes)
app.use('/api', bff.bearer, jtiBlocklist(revocations))
app.get('/api/me', (req, res) => void res.json({ reader: authOf(req).subject }))
app.get('/api/admin', requireScope('admin'), (_req, res) => void res.json({}))
app.get('/', (_req, res) => void res.send('<a href="/api/me">Who am I?</a>'))
app.listen(port, '127.0.0.1')

const browser = openLoginBrowser()
await browser.follow(`${url}/auth/login`, 'alice')
for (const [name, value] of browser.cookies(url)) console.log(`COOKIE=${name}=${value}`)
