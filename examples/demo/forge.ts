/** The same token with one character of its signature changed. */
export function tampered(token: string): string {
  const [header, payload, signature] = split(token)
  const first = signature.startsWith('A') ? 'B' : 'A'
  return [header, payload, first + signature.slice(1)].join('.')
}

/** The same token, said to need no verification: `alg: none` (RFC 8725 §2.1). */
export function algNone(token: string): string {
  const [, payload, signature] = split(token)
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  return [header, payload, signature].join('.')
}

function split(token: string): [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}
