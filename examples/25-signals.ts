// A security tool tells of a stolen account, and the identity provider of somebody who has left: their
// tokens are dead at once, though they were good for another hour.
//
//   npx tsx examples/25-signals.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $ALICE"   # 200
//   curl -i -X POST 127.0.0.1:3000/alice-is-compromised              # 202, what the receiver answered
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $ALICE"   # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $BOB"     # 200, another user
//   curl -i -X POST 127.0.0.1:3000/bob-has-left                      # 204, what the receiver answered
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $BOB"     # 401
//   curl -i -X POST 127.0.0.1:3000/signals                           # 400, no security event
import express from 'express'
import { authOf, jtiBlocklist, memoryRevocationStore, requireBearer } from '../lib/index.js'
import { sharedSignals, universalLogout } from '../lib/signals.js'
import { createTestIssuer } from '../lib/testing.js'
import { trustedIssuer } from './issuer.js'

const url = `http://127.0.0.1:${process.env['PORT'] ?? 3000}`
const { issuer, audience } = await trustedIssuer({
  ALICE: { user: 'alice', scope: 'notes:read' },
  BOB: { user: 'bob', scope: 'notes:read' },
})

// Stands for Okta, Google or a security tool: whoever transmits is seldom the issuer of your tokens.
const tool = createTestIssuer().transmitter({ audience: `${url}/universal-logout` })

// One process only; with several, the one that is told must tell the others: redisRevocationStore.
const revocations = memoryRevocationStore()
const app = express()

// The sender is no user: no requireBearer here. It speaks for users of this issuer, and of no other.
app.post('/signals', sharedSignals(revocations, { ...tool.options, subjectIssuers: issuer }))
app.post(
  '/universal-logout',
  universalLogout(revocations, { ...tool.logoutOptions, subjectIssuers: issuer }),
)

app.get('/notes', requireBearer({ issuer, audience }), jtiBlocklist(revocations), (req, res) => {
  res.json({ reader: authOf(req).subject })
})

app.post('/alice-is-compromised', async (_req, res) => {
  const subject = { format: 'iss_sub', iss: issuer, sub: 'alice' }
  const event = tool.securityEvent('account-disabled', { subject })
  res.sendStatus((await tool.push(`${url}/signals`, event)).status)
})

app.post('/bob-has-left', async (_req, res) => {
  const authorization = `Bearer ${tool.logoutToken()}`
  const headers = { authorization, 'content-type': 'application/json' }
  const body = JSON.stringify({ sub_id: { format: 'iss_sub', iss: issuer, sub: 'bob' } })
  res.sendStatus((await fetch(`${url}/universal-logout`, { method: 'POST', headers, body })).status)
})

app.listen(Number(new URL(url).port), '127.0.0.1')
