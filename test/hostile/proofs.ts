import { createHash } from 'node:crypto'
import type { DpopClient, ProofChanges } from '../../tools/dpop-client.js'

type Made = readonly string[] | Promise<readonly string[]>
/** The lines of the header `DPoP`, for a GET of `/r`. */
export type HostileProof = readonly [name: string, lines: (from: Source) => Made]

export interface Source {
  readonly client: DpopClient
  /** Whose key is not that of the token. */
  readonly other: DpopClient
  readonly token: string
  readonly now: number
}

const ORIGIN = 'https://api.example.com'

const by =
  (changes: (from: Source) => ProofChanges) =>
  async (from: Source): Promise<readonly string[]> => [
    await from.client.proof(from.token, changes(from)),
  ]
const claims = (members: object): HostileProof[1] =>
  by(() => ({ claims: members as Record<string, unknown> }))
const header = (members: object): HostileProof[1] =>
  by(() => ({ header: members as Record<string, unknown> }))
const altered =
  (change: (proof: string) => readonly string[]): HostileProof[1] =>
  async ({ client, token }) =>
    change(await client.proof(token))
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Other spellings of the URI that a careless reader takes for ours, or ours for. */
const URIS: readonly string[] = [
  'http://api.example.com/r',
  'https://api.example.com.evil.example/r',
  'https://api.example.com:444/r',
  'https://api.example.com@evil.example/r',
  'https://evil.example/r#https://api.example.com/r',
  'https://evil.example/?https://api.example.com/r',
  `${ORIGIN}/R`,
  `${ORIGIN}/r/`,
  `${ORIGIN}//r`,
  `${ORIGIN}/r%2f`,
  `${ORIGIN}/%2fr`,
  `${ORIGIN}/r%00`,
  `${ORIGIN}/r;a=b`,
  `${ORIGIN}/x/../../r/..`,
  `${ORIGIN}\\r`,
  `${ORIGIN}/r\t`,
  ` ${ORIGIN}/r`,
  'https://api。example。com/r',
  'https://xn--pi-7fa.example.com/r',
  '//api.example.com/r',
  '/r',
  'r',
  '*',
  '',
]

/** Proofs that prove nothing for this request: what clients get wrong, and what thieves try. */
export const HOSTILE_PROOFS: readonly HostileProof[] = [
  ['none', () => []],
  ['an empty one', () => ['']],
  ['two lines of one proof', altered((proof) => [proof, proof])],
  ['two proofs in a line', altered((proof) => [`${proof}, ${proof}`])],
  ['a good proof behind a bad one', altered((proof) => [`x.y.z,${proof}`])],
  ['a huge one', () => [`${'a'.repeat(5000)}.b.c`]],
  ['a huge member', claims({ more: 'a'.repeat(5000) })],
  ['its own token', ({ token }) => [token]],
  ['a proof by another key', async ({ other, token }) => [await other.proof(token)]],
  ['a proof of five parts', altered((proof) => [`${proof}.a.b`])],
  ['a proof without its signature', altered((proof) => [proof.replace(/[^.]+$/, '')])],
  ['a signature by nothing', altered((proof) => [proof.replace(/[^.]+$/, 'A'.repeat(86))])],
  [
    'other claims under its signature',
    altered((proof) => [proof.replace(/\.[^.]+\./, `.${part({})}.`)]),
  ],
  ['padding', altered((proof) => [`${proof}=`])],
  ...['none', 'HS256', 'RS1', 'ES256K', 'ES384', 'es256', '', 'dir'].map<HostileProof>((alg) => [
    `the algorithm ${JSON.stringify(alg)}`,
    async ({ client, token }) => {
      const [head = '', ...rest] = (await client.proof(token)).split('.')
      const members = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
      return [[part({ ...members, alg }), ...rest].join('.')]
    },
  ]),
  ['another typ', header({ typ: 'JWT' })],
  ['no typ', header({ typ: undefined })],
  ['no key', header({ jwk: undefined })],
  ['its private key', by(({ client }) => ({ header: { jwk: client.privateJwk } }))],
  ['a symmetric key', header({ jwk: { kty: 'oct', k: 'AAAA' } })],
  ['a key that is a list', header({ jwk: [{}] })],
  ['a key that is none', header({ jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } })],
  ['the key of another', by(({ other }) => ({ header: { jwk: other.jwk } }))],
  ['the place of a key', header({ jwk: undefined, jku: 'https://evil.example/jwks' })],
  ['no id', claims({ jti: undefined })],
  ['an empty id', claims({ jti: '' })],
  ['an id that is a number', claims({ jti: 7 })],
  ['another method', claims({ htm: 'POST' })],
  ['the method in another case', claims({ htm: 'get' })],
  ['methods in a list', claims({ htm: ['GET'] })],
  ['no method', claims({ htm: undefined })],
  ['no URI', claims({ htu: undefined })],
  ['URIs in a list', claims({ htu: [`${ORIGIN}/r`] })],
  ...URIS.map<HostileProof>((htu) => [`the URI ${JSON.stringify(htu)}`, claims({ htu })]),
  ['no hash of the token', claims({ ath: undefined })],
  ['a hash of nothing', claims({ ath: createHash('sha256').digest('base64url') })],
  [
    'the hash of another token',
    claims({ ath: createHash('sha256').update('a.b.c').digest('base64url') }),
  ],
  [
    'the hash in hexadecimal',
    by(({ token }) => ({ claims: { ath: createHash('sha256').update(token).digest('hex') } })),
  ],
  ['the token in place of its hash', by(({ token }) => ({ claims: { ath: token } }))],
  ['no time', claims({ iat: undefined })],
  ['a time that is a text', by(({ now }) => ({ claims: { iat: String(now) } }))],
  ['an old one', by(({ now }) => ({ claims: { iat: now - 71 } }))],
  ['one from the future', by(({ now }) => ({ claims: { iat: now + 11 } }))],
]
