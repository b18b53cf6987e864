import { createHmac } from 'node:crypto'
import { encode, forge, takeApart } from '../support/forge.js'
import type { SigningKey } from '../../tools/issuer.js'

type Named = readonly [name: string, token: string]

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Tokens that no guard may accept, made from a valid one: the attacks of advisories and tools. Each
 * is token68, so that it reaches the parser; `stranger` is a key that the issuer never published.
 */
export function hostileTokens(
  valid: string,
  key: SigningKey,
  stranger: SigningKey,
): readonly Named[] {
  const { header, payload } = takeApart(valid)
  const [head = '', body = '', signature = ''] = valid.split('.')
  const claims = (changes: object): string => forge(header, { ...payload, ...changes }, key)
  const headed = (changes: object, by = key): string =>
    forge({ ...header, ...changes }, payload, by)
  const text = JSON.stringify(payload)
  const spare = ALPHABET[ALPHABET.indexOf(valid.at(-1)!) + 1]!
  return [
    ...unsigned(header, body, signature),
    ...confused(header, body, key),
    ['another spelling of the signature', valid.slice(0, -1) + spare],
    ['another payload', `${head}.${encode({ ...payload, sub: 'admin' })}.${signature}`],
    ['another header', `${encode({ ...header, x: 1 })}.${body}.${signature}`],
    ['a stranger as signer', headed({}, stranger)],
    ['an embedded key', headed({ jwk: stranger.jwk }, stranger)],
    ['a key URL', headed({ jku: 'https://evil.test/jwks', kid: 'evil' }, stranger)],
    ['a certificate URL', headed({ x5u: 'https://evil.test/x' }, stranger)],
    ['a path as kid', headed({ kid: '../../../../dev/null' })],
    ['SQL as kid', headed({ kid: "x' UNION SELECT 'key" })],
    ['a kid of 10 kB', headed({ kid: 'k'.repeat(7000) })],
    ['a critical extension', headed({ crit: ['exp'], exp: 0 })],
    ['an unencoded payload', headed({ crit: ['b64'], b64: false })],
    ['a logout token', headed({ typ: 'logout+jwt' })],
    ['a proof', headed({ typ: 'dpop+jwt' })],
    ['an ID token', forge({ ...header, typ: 'JWT' }, { ...payload, nonce: 'n' }, key)],
    ['an ID token of a product', claims({ typ: 'ID', nonce: 'n' })],
    ['a bound token', claims({ cnf: { jkt: 'x' } })],
    ['an expired token', claims({ exp: 1 })],
    ['a token for ever', claims({ exp: undefined })],
    ['a time as text', claims({ exp: '9999999999' })],
    ['a time beyond numbers', forge(header, text.replace(/"exp":\d+/, '"exp":1e400'), key)],
    ['a time before numbers', forge(header, text.replace(/"exp":\d+/, '"exp":-1e400'), key)],
    ['a token of tomorrow', claims({ nbf: 9_999_999_999 })],
    ['issuers in a list', claims({ iss: [payload['iss'], 'https://evil.test'] })],
    ['an issuer with a suffix', claims({ iss: `${String(payload['iss'])}.evil.test` })],
    ['an issuer with credentials', claims({ iss: `${String(payload['iss'])}@evil.test` })],
    ['an audience with a suffix', claims({ aud: `${String(payload['aud'])}.evil.test` })],
    ['an audience in an object', claims({ aud: { includes: true } })],
    ['a subject that is an object', claims({ sub: { toString: 'admin' } })],
    ['a claim twice', forge(header, text.replace('{', '{"sub":"admin",'), key)],
    ['a list as payload', forge(header, [payload], key)],
    ['a list as header', forge([header], payload, key)],
    ['null as payload', forge(header, 'null', key)],
    ['null as header', forge('null', payload, key)],
    ['a nested token', forge(header, valid, key)],
    ['a deep list as header', forge('['.repeat(3000) + ']'.repeat(3000), payload, key)],
    ['a deep list that never ends', `${encode('['.repeat(5000))}.${body}.${signature}`],
    ['a byte order mark', forge(header, `\uFEFF${text}`, key)],
    ['UTF-16', forge(header, Buffer.from(text, 'utf16le'), key)],
    ['half of a surrogate pair', forge(header, text.replace('{', '{"x":"\\uD800",'), key)],
    ['a JWE', `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['a costly JWE', `${encode({ alg: 'PBES2-HS256+A128KW', p2c: 1e9 })}.AAAA.AAAA.AAAA.AAAA`],
    ['a token of 12 kB', `${head}.${'A'.repeat(11_000)}.${signature}`],
    ['an opaque token', '2YotnFZFEjr1zCsicMWpAA'],
  ]
}

/** CVE-2015-9235 and its many returns. */
function unsigned(header: object, body: string, signature: string): readonly Named[] {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '', null, ['none'], 'null', 'HS0']
  return spellings.flatMap((alg) => {
    const head = encode({ ...header, alg })
    return [
      [`alg ${JSON.stringify(alg)} without a signature`, `${head}.${body}.`],
      [`alg ${JSON.stringify(alg)} with the old signature`, `${head}.${body}.${signature}`],
    ] as const
  })
}

/** CVE-2016-10555: a public key as secret. */
function confused(header: object, body: string, key: SigningKey): readonly Named[] {
  const secrets = ['', JSON.stringify(key.jwk), JSON.stringify({ keys: [key.jwk] }), key.kid]
  return secrets.map((secret, index) => {
    const input = `${encode({ ...header, alg: 'HS256' })}.${body}`
    const mac = createHmac('sha256', secret).update(input).digest('base64url')
    return [`a public key as secret, spelling ${index}`, `${input}.${mac}`] as const
  })
}
