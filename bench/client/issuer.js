import { once } from 'node:events'
import { createServer } from 'node:http'

/** An issuer over HTTP: discovery and keys, which every candidate fetches by itself. */
export async function startIssuer(jwks) {
  const server = createServer((req, res) => {
    const body = bodies[req.url]
    res.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
    res.end(JSON.stringify(body ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const jwksUri = `${issuer}/.well-known/jwks.json`
  const metadata = { issuer, jwks_uri: jwksUri }
  const bodies = {
    '/.well-known/jwks.json': jwks,
    '/.well-known/openid-configuration': metadata,
    '/.well-known/oauth-authorization-server': metadata,
  }
  return { issuer, jwksUri }
}
