// While Redis is out, nobody knows which tokens were revoked. Whether that stops a request is your
// choice: refusing is the default, and letting it pass has a name that says so.
//
//   npx tsx examples/04-redis-outage.ts
//
// It starts an issuer and prints a token. Paste that line into a second shell, then:
//
//   redis-server --save '' >/dev/null &
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"  # 201
//   curl -i 127.0.0.1:3000/health                                           # 200
//   kill -STOP %1
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"  # 503, with Retry-After
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"          # 200, reading goes on
//   curl -i 127.0.0.1:3000/health                                           # 503, within a second
//   kill -CONT %1
//   curl -i -X POST 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"  # 201
import express from 'express'
import { authOf, jtiBlocklist, requireBearer, type AuthEvent } from '../lib/index.js'
import { redisRevocationStore } from '../lib/redis.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({ TOKEN: { user: 'alice', scope: 'notes:read' } })

const revocations = redisRevocationStore({
  redis: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  // Right where Redis is known to be new; by default an empty one might be one that lost its data.
  onEmpty: 'initialize',
})

const app = express()

app.get('/health', (_req, res) => {
  const { ready, state } = revocations.status()
  res.status(ready ? 200 : 503).json({ revocations: state })
})

app.use(
  requireBearer({ issuer, audience, onEvent: report }),
  jtiBlocklist(revocations, {
    onUnavailable: (_auth, req) => (req.method === 'GET' ? 'dangerouslyAllow' : 'refuse'),
  }),
)

app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))
app.post('/notes', (req, res) => void res.status(201).json({ writer: authOf(req).subject }))

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

/** A token that passed unasked may have been a revoked one: somebody should know. */
function report(event: AuthEvent): void {
  if (event.name === 'revocation.bypassed') console.warn(`Passed unasked: ${event.detail}`)
}
