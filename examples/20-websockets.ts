// A WebSocket opens for a good token alone, and closes when the token is good no more. No middleware
// sees a handshake, so the server asks verifyUpgrade.
//
//   npx tsx examples/20-websockets.ts
//
// It starts an issuer and prints a token. Paste that line into a second and a third shell, then:
//
//   npx wscat -c ws://127.0.0.1:3000 -H "Authorization: Bearer $TOKEN"          # hello alice
//   curl -i -X POST 127.0.0.1:3000/logout -H "Authorization: Bearer $TOKEN"     # 204, and the socket closes
//   npx wscat -c ws://127.0.0.1:3000 -H "Authorization: Bearer $TOKEN"          # 401
//
// Browsers send no headers with a handshake: give requireBearer a `cookie`. Then only pages of your own
// and of its `trustedOrigins` can open a socket.
import { createServer } from 'node:http'
import express from 'express'
import { WebSocketServer } from 'ws'
import {
  AuthError,
  authOf,
  authSignal,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  verifyUpgrade,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({ TOKEN: { user: 'alice', scope: 'notes:read' } })

const revocations = memoryRevocationStore()
const bearer = requireBearer({ issuer, audience })
const upgrade = verifyUpgrade(bearer, jtiBlocklist(revocations))

const app = express()
app.post('/logout', bearer, logout(revocations))

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', (socket, req) => {
  socket.send(`hello ${authOf(req).subject}`)
  authSignal(req).addEventListener('abort', () => socket.close(4401, 'log in again'))
})

const server = createServer(app)
server.on('upgrade', (req, socket, head) => {
  upgrade(req).then(
    () => sockets.handleUpgrade(req, socket, head, (ws) => sockets.emit('connection', ws, req)),
    (error: unknown) => {
      const { status, headers } = error instanceof AuthError ? error : { status: 500, headers: {} }
      const lines = Object.entries(headers).map((header) => `${header.join(': ')}\r\n`)
      socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}Connection: close\r\n\r\n`)
    },
  )
})
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
