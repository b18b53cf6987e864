import { execFileSync } from 'node:child_process'

/** What it is to sign with: the size of the key as its tool spells it, and the algorithm. */
export interface KeyKind {
  readonly size: 'RSA2048' | 'EC256' | 'EC521' | 'ED25519'
  readonly alg: string
}

type Jwk = Readonly<Record<string, string>>

/** A private key by the tool that its documentation names. */
export function generateKey({ size, alg }: KeyKind, kid: string): Jwk {
  const args = ['-j', '-g', size, '-k', kid, '-a', alg, '-p', '/dev/null']
  const printed = execFileSync('rnbyc', args, { encoding: 'utf8' })
  const [json = ''] = /\{[^]*?\n\}/.exec(printed) ?? []
  const { keys } = JSON.parse(json) as { readonly keys: readonly Jwk[] }
  const [key] = keys
  if (key === undefined) throw new Error(`rnbyc printed no key: ${printed.slice(0, 80)}`)
  return key
}

/**
 * A key on P-521 of which a coordinate is published a byte too short. The tool leaves leading zero
 * bytes out, against RFC 7518 §6.2.1.2: with this curve two keys of three are so.
 */
export function generateShortKey(kid: string): Jwk {
  for (;;) {
    const key = generateKey({ size: 'EC521', alg: 'ES512' }, kid)
    const [x, y] = [key['x'], key['y']].map((text = '') => Buffer.from(text, 'base64url').length)
    if (x !== 66 || y !== 66) return key
  }
}
