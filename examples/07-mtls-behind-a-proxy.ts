// A token that is bound to the TLS certificate of its client (RFC 8705), where a proxy ends TLS and tells
// of the certificate in a header (RFC 9440).
//
//   npx tsx examples/07-mtls-behind-a-proxy.ts
//
// It plays the issuer, and your shell plays the proxy. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN" -H "Client-Cert: :$ANN:"    # 200
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN" -H "Client-Cert: :$BOB:"    # 401
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $TOKEN"                             # 401
//   curl -i 127.0.0.1:3000/far -H "Authorization: Bearer $TOKEN" -H "Client-Cert: :$ANN:"      # 401, not its proxy
//
// In nginx, which asks the client for a certificate and takes away what the client itself wrote there:
//
//   ssl_verify_client optional_no_ca;
//   proxy_set_header Client-Cert $ssl_client_escaped_cert;   # with format: 'pem'
import { X509Certificate } from 'node:crypto'
import express from 'express'
import { authOf, clientCertHeader, requireBearer } from '../lib/index.js'
import { createTestIssuer } from '../lib/testing.js'
import { ANN, BOB } from '../tools/client-certificates.js'

const issuer = createTestIssuer()

/** Only these addresses may tell of certificates: anybody else could send one of somebody else. */
function behind(...trustedProxies: string[]): ReturnType<typeof requireBearer> {
  const certificate = clientCertHeader({ trustedProxies })
  return requireBearer({ ...issuer.options, mtls: { mode: 'require', certificate } })
}

const app = express()
app.get('/notes', behind('127.0.0.1'), (req, res) => {
  res.json({ notes: [`Hello ${authOf(req).subject}`] })
})
app.get('/far', behind('10.0.0.0/8'), (_req, res) => void res.json({}))

// A server that clients reach without a proxy: mtls: { certificate: 'tls' }, and https with requestCert.
app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

const base64 = (pem: string): string => new X509Certificate(pem).raw.toString('base64')
console.log(`TOKEN=${issuer.mtlsToken(ANN.cert)}
ANN=${base64(ANN.cert)}
BOB=${base64(BOB.cert)}`)
