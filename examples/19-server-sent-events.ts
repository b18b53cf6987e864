// Server-sent events end when their token does: when it expires, and at a logout, wherever that was.
//
//   npx tsx examples/19-server-sent-events.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second and a third shell. In the one:
//
//   curl -i -N 127.0.0.1:3000/events -H "Authorization: Bearer $LAPTOP"         # 200, and a line a second
//
// And in the other, whereupon the stream says "logout" and ends:
//
//   curl -i -X POST 127.0.0.1:3000/logout -H "Authorization: Bearer $LAPTOP"    # 204
//   curl -i -N 127.0.0.1:3000/events -H "Authorization: Bearer $LAPTOP"         # 401
//   curl -i -N 127.0.0.1:3000/events -H "Authorization: Bearer $PHONE"          # 200, another session
//
// For browsers, whose EventSource sends no headers, read the token from a cookie: 09-browser-cookie-spa.ts.
import express from 'express'
import {
  authOf,
  authSignal,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({
  LAPTOP: { user: 'alice', scope: 'notes:read' },
  PHONE: { user: 'alice', scope: 'notes:read' },
})

// With several processes: redisRevocationStore({ redis, mode: 'replicated' }) tells each of them at once.
const revocations = memoryRevocationStore()
const bearer = requireBearer({ issuer, audience })
const app = express()

app.post('/logout', bearer, logout(revocations))

app.get('/events', bearer, jtiBlocklist(revocations), (req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream' })
  res.write(`data: hello ${authOf(req).subject}\n\n`)
  const ticking = setInterval(() => void res.write(`data: ${new Date().toISOString()}\n\n`), 1000)
  res.once('close', () => clearInterval(ticking))

  // Its reason is the AuthError that a request would be refused with by now.
  authSignal(req).addEventListener('abort', () => res.end('event: logout\ndata:\n\n'))
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
