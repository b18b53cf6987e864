// Run by the tests as a process of its own, because Node freezes what is built in when it starts. Prints
// the answers of a guarded API to a good token, a bad one, and one that lacks a scope.
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { requireBearer, requireScope } from '../../lib/index.js'
import { messageOf } from '../../lib/core/values.js'
import { encode } from './forge.js'
import { running } from '../../tools/server.js'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const [issuer, audience] = ['https://id.test', 'https://api.test']
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] }
const bearer = requireBearer({ issuer, audience, jwks })
const scope = requireScope('read')
const server = await running(
  createServer((req, res) => {
    const next = (last: () => void) => (error?: unknown) => {
      if (error === undefined) return last()
      res.statusCode = 500
      res.end(messageOf(error))
    }
    bearer(
      req,
      res,
      next(() =>
        scope(
          req,
          res,
          next(() => void res.end('ok')),
        ),
      ),
    )
  }),
)

function token(claims: object): string {
  const exp = Date.now() / 1000 + 300
  const payload = { iss: issuer, aud: audience, sub: 'a', exp, scope: 'read', ...claims }
  const input = `${encode({ alg: 'EdDSA', kid: 'a' })}.${encode(payload)}`
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}

for (const claims of [{}, { exp: 1 }, { scope: 'none' }]) {
  const headers = { authorization: `Bearer ${token(claims)}` }
  const answer = await fetch(server.url, { headers })
  console.log(answer.status)
}
await server.close()
