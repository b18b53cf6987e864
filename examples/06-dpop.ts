// A stolen token is worth nothing without the key of its client, which signs a proof for each request
// (DPoP, RFC 9449).
//
//   npx tsx examples/06-dpop.ts
//
// It plays issuer and client, and prints tokens and proofs. Paste these lines into a second shell within
// five minutes, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF"      # 200
//   curl -i 127.0.0.1:3000/notes -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF"      # 401, used before
//   curl -i 127.0.0.1:3000/secrets -H "Authorization: DPoP $TOKEN" -H "DPoP: $NEXT"     # 401, made for /notes
//   curl -i 127.0.0.1:3000/notes -H "Authorization: DPoP $TOKEN" -H "DPoP: $THIEF"      # 401, another key
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"                      # 401, no proof
//   curl -i 127.0.0.1:3000/notes -H "Authorization: DPoP $TOKEN" -H "DPoP: $NEXT"       # 200
import express from 'express'
import { authOf, memoryReplayStore, requireBearer } from '../lib/index.js'
import { createTestIssuer } from '../lib/testing.js'

const port = Number(process.env['PORT'] ?? 3000)
const origin = `http://127.0.0.1:${port}`
const issuer = createTestIssuer()
const app = express()

app.use(
  requireBearer({
    ...issuer.options, // yours: { issuer, audience }
    origin, // what proofs must name: yours is https, and what clients call it, whatever proxy is in front
    dpop: {
      mode: 'require', // 'allow' takes plain bearer tokens beside bound ones
      proofMaxAgeSeconds: 300,
      // Several processes share one redisReplayStore().
      replay: memoryReplayStore(),
    },
  }),
)
app.get('/notes', (req, res) => void res.json({ notes: [`Hello ${authOf(req).subject}`] }))
app.get('/secrets', (_req, res) => void res.json({}))

app.listen(port, '127.0.0.1')

const client = issuer.dpopClient()
const token = client.token()
const request = { url: `${origin}/notes` }
console.log(`TOKEN=${token}
PROOF=${client.proof(token, request)}
NEXT=${client.proof(token, request)}
THIEF=${issuer.dpopClient().proof(token, request)}`)
