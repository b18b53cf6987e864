// Run by the tests as a process of its own, because which certificates Node trusts is settled when it
// starts. Prints how a guard fares with an https issuer that shows the self-signed certificate.
import { createServer } from 'node:https'
import { requireBearer } from '../../lib/index.js'
import { messageOf } from '../../lib/core/values.js'
import { createSigningKey, sendJson } from '../../tools/issuer.js'
import { SELF_SIGNED } from '../../tools/self-signed.js'
import { running } from '../../tools/server.js'

const host = process.argv[2] ?? ''
const { jwk } = await createSigningKey('key-1', 'ES256')
const server = await running(
  createServer(SELF_SIGNED, (req, res) => {
    sendJson(res, req.url === '/jwks' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` })
  }),
)
const issuer = `https://${host}:${server.port}`
const guard = requireBearer({ issuer, audience: 'https://api.test' })
await guard.ready().then(
  () => console.log('ready'),
  (error: unknown) => console.log(messageOf(error)),
)
guard.close()
await server.close()
