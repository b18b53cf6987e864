// A user logs out at the issuer, or is blocked there. It tells the API from server to server, and the
// tokens of that session are dead at once, though they were good for another hour.
//
//   npx tsx examples/16-back-channel-logout.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $LAPTOP"    # 200
//   curl -i -X POST 127.0.0.1:3000/click-on-log-out-at-the-issuer      # 204
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $LAPTOP"    # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $PHONE"     # 200, another session
//   curl -i -X POST 127.0.0.1:3000/back-channel-logout                 # 400, no logout token
//
// With an issuer of your own: register the URL of the endpoint there as the backchannel_logout_uri of
// your client, and let it put the session (sid) into access tokens, as Keycloak does by itself.
import express from 'express'
import {
  authOf,
  backChannelLogout,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
} from '../lib/index.js'
import { trustedIssuer } from './issuer.js'

const port = Number(process.env['PORT'] ?? 3000)
const { issuer, audience, logOutAtIssuer } = await trustedIssuer(
  {
    LAPTOP: { user: 'alice', scope: 'notes:read' },
    PHONE: { user: 'alice', scope: 'notes:read' },
  },
  { logoutUri: `http://127.0.0.1:${port}/back-channel-logout` },
)

// One process only; with several, the one that is told must tell the others: redisRevocationStore.
const revocations = memoryRevocationStore()
const app = express()

// The issuer is no user: no requireBearer here. The client is the one registered at the issuer.
app.post(
  '/back-channel-logout',
  backChannelLogout(revocations, { issuer, clientId: 'notes-app', algorithms: ['ES256'] }),
)

app.get('/notes', requireBearer({ issuer, audience }), jtiBlocklist(revocations), (req, res) => {
  res.json({ reader: authOf(req).subject })
})

// Stands for a click in the browser that the session of LAPTOP is in.
app.post('/click-on-log-out-at-the-issuer', (_req, res, next) => {
  logOutAtIssuer('LAPTOP').then(() => res.status(204).end(), next)
})

app.listen(port, '127.0.0.1')
