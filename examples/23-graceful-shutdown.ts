// A process that is told to end (SIGTERM) takes no more requests, ends its streams, lets what it began
// be answered, and is gone: nothing of the package keeps it.
//
//   redis-server --save '' >/dev/null &
//   npx tsx examples/23-graceful-shutdown.ts
//
// It starts an issuer, and prints a token and its own id. Paste the lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"       # 200
//   curl -i -N 127.0.0.1:3000/events -H "Authorization: Bearer $TOKEN"   # 200, stop it by Ctrl-Z and bg
//   kill -TERM $PID                                                      # it ends, with code 0
import express, { type Response } from 'express'
import { authOf, authSignal, jtiBlocklist, requireBearer } from '../lib/index.js'
import { redisRevocationStore } from '../lib/redis.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience, closeIssuer } = await trustedIssuer({
  TOKEN: { user: 'alice', scope: 'notes:read' },
})
console.log(`PID=${process.pid}`)

const revocations = redisRevocationStore({
  redis: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  onEmpty: 'initialize',
})
// A process that cannot judge tokens is not ready to take any.
await revocations.ready()

const app = express()
app.use(requireBearer({ issuer, audience }), jtiBlocklist(revocations))
app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))

const streams = new Set<Response>()
app.get('/events', (req, res) => {
  streams.add(res)
  res.once('close', () => streams.delete(res))
  // The connection ends with the stream: kept alive, it would hold the server up for 5 seconds.
  res.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' })
  res.write('data: hello\n\n')
  authSignal(req).addEventListener('abort', () => res.end())
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

process.once('SIGTERM', () => {
  // The store last: requests that are under way still ask it.
  server.close(() => void revocations.close())
  for (const res of streams) res.end()
  void closeIssuer()
})
