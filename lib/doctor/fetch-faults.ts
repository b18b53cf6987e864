import { messageOf } from '../core/values.js'
import { finding, type Advice, type Finding } from './finding.js'

/** A fault by the words that our own fetch has for it. */
type Row = readonly [words: RegExp, cause: string, fix: string]

/** The first that fits is told. */
const ROWS: readonly Row[] = [
  [
    /proxy is set by the environment/,
    'HTTPS_PROXY is set, and the package that reads it is not installed.',
    'Run npm install proxy-from-env, or unset HTTPS_PROXY.',
  ],
  [
    /The proxy (?:that|https?:)/,
    'The proxy does not let this connection through.',
    'Correct HTTPS_PROXY, or name the host in NO_PROXY where no proxy is needed.',
  ],
  [
    /\(ENOTFOUND\)/,
    'No DNS server that this machine asks knows the name.',
    'Correct the spelling of the host, or run this where the name is known.',
  ],
  [
    /\((?:EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH)\)/,
    'This machine has no network, or no way to that host.',
    'Restore the network; where only a proxy leads out, set HTTPS_PROXY.',
  ],
  [
    /\(ECONNREFUSED\)/,
    'Nothing listens there: the server is down, or the port is another one.',
    'Start the server, or correct the URL; in a container, localhost is the container itself.',
  ],
  [
    /\((?:ERR_SSL_\w+|EPROTO)\)/,
    'The server there does not speak TLS.',
    'Correct scheme and port of the URL.',
  ],
  [
    /\(CERT_HAS_EXPIRED\)/,
    'The certificate of the server has expired, or our clock is wrong.',
    'Renew the certificate of the issuer; compare the clock of this machine.',
  ],
  [
    /\(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    'The certificate of the server is for another name.',
    'Use the name that stands in the certificate.',
  ],
  [
    /network: \{ ca \}/,
    'The certificate is self-signed, or by a CA that Node does not know.',
    'Pass its CA by --ca FILE, and in the app as network: { ca }.',
  ],
  [
    /\((?:HPE_\w+)\)|closed without an answer/,
    'The server there does not speak HTTP as it should.',
    'Correct scheme and port of the URL.',
  ],
  [
    /\((?:ECONNRESET|EPIPE|ABORT_ERR|ETIMEDOUT)\)|did not answer in time/,
    'The server is slow or stuck, or a firewall swallows the packets.',
    'Try the URL with curl from this machine; where the issuer is slow, raise keyCache.timeoutMs.',
  ],
  [
    /is this machine|is not https|is at .* which is/,
    'The document leads to a host that its issuer may not lead to.',
    'Where that is meant, name the host as the detail says; else mend the metadata of the issuer.',
  ],
  [
    /metadata names/,
    'The issuer calls itself otherwise: often a slash too many or too few, or another realm.',
    'Set "issuer" to the name in the metadata, and see that "iss" of the tokens is the same.',
  ],
  [
    /give "jwksUri"/,
    'The issuer publishes no metadata there, or the URL is not that of the issuer.',
    'Copy "issuer" from the "iss" of a token; without metadata, pass --jwks-uri.',
  ],
  [
    /The answer is 404/,
    'The metadata name a place where no keys are.',
    'Mend jwks_uri at the issuer, or pass --jwks-uri.',
  ],
  [
    /redirects are not followed/,
    'The URL is an old one, or lacks https or a part of its path.',
    'Give the address that the answer names.',
  ],
  [
    /The answer is (?:401|403|407)/,
    'A firewall or a proxy in between wants to know who asks.',
    'Let this machine through, or set network: { headers } or { proxy } in the app.',
  ],
  [
    /The answer is 429/,
    'The issuer gets too many requests from here.',
    'Wait a minute; let each process share one guard, so that keys are fetched once.',
  ],
  [
    /The answer is 5\d\d/,
    'The issuer is down or broken, or a gateway does not reach it.',
    'See the logs of the issuer; guards go on by the keys that they have, for an hour.',
  ],
  [
    /not of type application\/json|is not JSON|not a metadata document/,
    'A web page is there: a sign-in page, a maintenance page, or the front end of the issuer.',
    'Open the URL in a browser, and correct "issuer".',
  ],
  [
    /no usable signing key/,
    'The set holds no key for signatures, such as in the middle of a rotation.',
    'Let the issuer publish its signing keys, with kty, use "sig" and kid.',
  ],
  [
    /not an object with an array "keys"/,
    'The URL is of another document than a JWKS.',
    'Correct jwks_uri at the issuer, or --jwks-uri.',
  ],
  [
    /has no jwks_uri/,
    'The issuer gives out opaque tokens alone, or the metadata are written by hand.',
    'Pass --jwks-uri, or use introspection in the app.',
  ],
  [
    /larger than|nested too deeply|too many keys/,
    'The document is larger than any that an issuer needs.',
    'See with curl what is there; raise keyCache.maxBytes where it is right.',
  ],
]

export function adviceFor(error: unknown): Advice {
  const message = messageOf(error)
  const row = ROWS.find(([words]) => words.test(message))
  if (row === undefined) {
    return {
      cause: 'The server does not answer as an issuer does.',
      fix: 'Try the URL with curl from this machine.',
    }
  }
  const [, cause, fix] = row
  return { cause, fix }
}

export function notFetched(check: string, error: unknown): Finding {
  return finding(check, 'failed', messageOf(error), adviceFor(error))
}
