import { takeApart } from './forge.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** What lenient decoders skip. */
const STRAY = '!~*":%, '

/** Spells one part of a token otherwise, by a number that chooses; undefined where that cannot be done. */
type Respelling = (part: string, choice: number) => string | undefined

const RESPELLINGS: Readonly<Record<string, Respelling>> = {
  'spare bits'(part, choice) {
    const spare = [0, 0, 4, 2][part.length % 4] ?? 0
    if (spare === 0) return undefined
    const canonical = ALPHABET.indexOf(part.at(-1) ?? '')
    const bits = 1 + (choice % (2 ** spare - 1))
    return part.slice(0, -1) + ALPHABET[canonical + bits]!
  },
  padding: (part, choice) => part + '='.repeat(1 + (choice % 2)),
  'the standard alphabet'(part) {
    const standard = part.replaceAll('-', '+').replaceAll('_', '/')
    return standard === part ? undefined : standard
  },
  'one character of the standard alphabet'(part, choice) {
    const places = [...part.matchAll(/[-_]/g)].map(({ index }) => index)
    if (places.length === 0) return undefined
    const at = places[choice % places.length]!
    return part.slice(0, at) + (part[at] === '-' ? '+' : '/') + part.slice(at + 1)
  },
  'a stray character'(part, choice) {
    // Never first, because spaces before a token are no part of it.
    const stray = STRAY[choice % STRAY.length]!
    const at = 1 + (choice % (part.length - 1))
    return part.slice(0, at) + stray + part.slice(at)
  },
  'one more part': (part, choice) => `${part}.${'AAAA'.slice(choice % 5)}`,
}

export const SPELLINGS: readonly string[] = Object.keys(RESPELLINGS)

/** Another text that means the same three byte strings to a lenient decoder. */
export function respelled(token: string, spelling: string, choice: number): string | undefined {
  const parts = token.split('.')
  const index = spelling === 'one more part' ? 2 : choice % 3
  const changed = RESPELLINGS[spelling]!(parts[index]!, choice)
  return changed === undefined ? undefined : parts.with(index, changed).join('.')
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other ES256 signature that verifies over the same input: s becomes n - s. */
export function ecdsaTwin(token: string): string {
  const { signature } = takeApart(token)
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const other = Buffer.from((P256_ORDER - s).toString(16).padStart(64, '0'), 'hex')
  const twin = Buffer.concat([signature.subarray(0, 32), other]).toString('base64url')
  return `${token.slice(0, token.lastIndexOf('.'))}.${twin}`
}
