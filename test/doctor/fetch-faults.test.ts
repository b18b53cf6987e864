import { describe, expect, it } from '@jest/globals'
import { adviceFor, notFetched } from '../../lib/doctor/fetch-faults.js'

describe('what to do about a document that could not be had', () => {
  it.each([
    ['The proxy is set by the environment, and', 'npm install proxy-from-env'],
    ['The proxy that HTTPS_PROXY names refused', 'NO_PROXY'],
    ['The proxy https://p refused', 'NO_PROXY'],
    ['fetch failed (ENOTFOUND)', 'spelling of the host'],
    ['fetch failed (EAI_AGAIN)', 'Restore the network'],
    ['fetch failed (EHOSTUNREACH)', 'Restore the network'],
    ['fetch failed (ECONNREFUSED)', 'localhost is the container itself'],
    ['fetch failed (ERR_SSL_WRONG_VERSION_NUMBER)', 'Correct scheme and port'],
    ['fetch failed (EPROTO)', 'Correct scheme and port'],
    ['fetch failed (CERT_HAS_EXPIRED)', 'Renew the certificate'],
    ['fetch failed (ERR_TLS_CERT_ALTNAME_INVALID)', 'stands in the certificate'],
    ['not trusted: network: { ca }', '--ca FILE'],
    ['fetch failed (HPE_INVALID_CONSTANT)', 'Correct scheme and port'],
    ['The connection was closed without an answer', 'Correct scheme and port'],
    ['fetch failed (ECONNRESET)', 'keyCache.timeoutMs'],
    ['The server did not answer in time', 'keyCache.timeoutMs'],
    ['https://a is this machine', 'name the host as the detail says'],
    ['http://a is not https', 'name the host as the detail says'],
    ['https://a is at 10.0.0.1, which is private', 'name the host as the detail says'],
    ['The metadata names https://b', 'Set "issuer" to the name'],
    ['No metadata: give "jwksUri"', '--jwks-uri'],
    ['The answer is 404', 'Mend jwks_uri'],
    ['The answer is 302: redirects are not followed', 'address that the answer names'],
    ['The answer is 401', 'network: { headers }'],
    ['The answer is 407', 'network: { headers }'],
    ['The answer is 429', 'Wait a minute'],
    ['The answer is 503', 'logs of the issuer'],
    ['The answer is not of type application/json', 'Open the URL in a browser'],
    ['It is not JSON', 'Open the URL in a browser'],
    ['There is no usable signing key', 'with kty, use "sig" and kid'],
    ['It is not an object with an array "keys"', 'Correct jwks_uri'],
    ['The document has no jwks_uri', 'introspection'],
    ['It is larger than 1 MB', 'keyCache.maxBytes'],
    ['It is nested too deeply', 'keyCache.maxBytes'],
    ['something new', 'Try the URL with curl'],
  ])('%s', (message, fix) => {
    const advice = adviceFor(new Error(message))
    expect(advice.fix).toContain(fix)
    expect(advice.cause).toMatch(/\.$/)
  })

  it('is told with the fault itself', () => {
    expect(notFetched('keys', new Error('fetch failed (ENOTFOUND)'))).toMatchObject({
      check: 'keys',
      status: 'failed',
      detail: 'fetch failed (ENOTFOUND)',
      ...adviceFor(new Error('(ENOTFOUND)')),
    })
  })
})
