// Tokens that say nothing themselves: their issuer is asked about each (RFC 7662). JWTs pass beside them.
//
//   npx tsx examples/05-opaque-tokens.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $OPAQUE"           # 200
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $JWT"              # 200, without asking
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer invented"          # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $OTHER"            # 403, scope="notes:read"
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $REVOKED"          # 401
//
// An issuer that does not answer, or that refuses our own credentials, is 503 and never 401. With an
// issuer of your own, set ISSUER, AUDIENCE, CLIENT_ID and CLIENT_SECRET. Needs the package oauth4webapi.
import express from 'express'
import { authOf, clientSecretBasic, requireBearer, requireScope } from '../lib/index.js'
import { createTestIssuer } from '../lib/testing.js'

const { ISSUER, AUDIENCE = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env

// Answers are believed for 10 seconds, and never longer than the token lives.
const options =
  ISSUER === undefined
    ? await testOptions()
    : {
        issuer: ISSUER,
        audience: AUDIENCE,
        introspection: { clientId: CLIENT_ID, clientAuth: clientSecretBasic(CLIENT_SECRET) },
      }

const app = express()
app.use(requireBearer(options))
app.get('/notes', requireScope('notes:read'), (req, res) => {
  res.json({ notes: [`Hello ${authOf(req).subject}`] })
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

async function testOptions(): Promise<Parameters<typeof requireBearer>[0]> {
  const issuer = createTestIssuer()
  await issuer.listen()
  const revoked = issuer.opaqueToken({ scope: 'notes:read' })
  issuer.revokeOpaque(revoked)
  console.log(`OPAQUE=${issuer.opaqueToken({ scope: 'notes:read' })}
JWT=${issuer.token({ scope: 'notes:read' })}
OTHER=${issuer.opaqueToken({ scope: 'other' })}
REVOKED=${revoked}`)
  return { ...issuer.options, introspection: issuer.introspection }
}
