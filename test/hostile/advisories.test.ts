import { createHmac, KeyObject, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CompactEncrypt, EncryptJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { requireBearer } from '../../lib/index.js'
import { frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { encode, forge, takeApart } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'

/** Advisories about verifiers of tokens, each with the attack that it tells of, made for us. */
type Advisory = readonly [
  ids: string,
  attack: string,
  against: keyof typeof apis,
  tokens: () => readonly string[] | Promise<readonly string[]>,
]

const clock = frozenClock()
const SECRET = randomBytes(64)
const apis = {} as Record<'usual' | 'untyped keys' | 'a secret' | 'decryption', TestApi>

let issuer: TestIssuer
let curve: SigningKey
let stranger: SigningKey
let pem: string
let recipient: Awaited<ReturnType<typeof generateKeyPair>>
let valid: string
let header: Record<string, unknown>
let payload: Record<string, unknown>

beforeAll(async () => {
  issuer = await startIssuer({ clock })
  curve = await createSigningKey('ec-1', 'ES256')
  stranger = await createSigningKey('key-1')
  issuer.keys = [issuer.key.jwk, curve.jwk]
  pem = await exportSPKI(issuer.key.publicKey)
  recipient = await generateKeyPair('RSA-OAEP-256', { extractable: true })
  const { alg: _alg, ...untyped } = issuer.key.jwk
  const decryptionKeys = [{ ...(await exportJWK(recipient.privateKey)), kid: 'enc' }]
  apis['usual'] = await startApi(issuer, { clock })
  apis['untyped keys'] = await startApi(issuer, { clock, jwks: { keys: [untyped] } })
  apis['a secret'] = await startApi(issuer, { clock, secret: SECRET })
  apis['decryption'] = await startApi(issuer, { clock, decryptionKeys })
  valid = await issuer.token()
  ;({ header, payload } = takeApart(valid))
})

afterAll(async () => {
  await Promise.all(Object.values(apis).map((api) => api.close()))
  await issuer.close()
})

function part(index: number): string {
  return valid.split('.')[index]!
}

function headed(changes: object, key = issuer.key): string {
  return forge({ ...header, ...changes }, payload, key)
}

function claiming(changes: object): string {
  return forge(header, { ...payload, ...changes }, issuer.key)
}

/** Claims as text, with one member spelled as it stands here. */
function spelled(name: string, value: string): string {
  const { [name]: _removed, ...others } = payload
  const text = JSON.stringify(others).replace(/\}$/, `,"${name}":${value}}`)
  return forge(header, text, issuer.key)
}

function hmacBy(secrets: readonly (string | Uint8Array)[], more: object = {}): readonly string[] {
  return ['HS256', 'HS384', 'HS512'].flatMap((alg) =>
    secrets.map((secret) => {
      const input = `${encode({ ...header, alg, ...more })}.${part(1)}`
      const mac = createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest('base64url')
      return `${input}.${mac}`
    }),
  )
}

/** What somebody may take the public key for, spelled as a secret. */
function keySpellings(): readonly (string | Uint8Array)[] {
  const key = KeyObject.from(issuer.key.publicKey)
  return [
    pem,
    pem.trimEnd(),
    ` ${pem}`,
    `\n${pem}`,
    pem.replaceAll('\n', '\r\n'),
    pem.replace(/-----[^-]+-----|\n/g, ''),
    key.export({ type: 'pkcs1', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(issuer.key.jwk),
  ]
}

function withSignature(alg: string, kid: string, signature: Uint8Array): string {
  return `${encode({ ...header, alg, kid })}.${part(1)}.${encode(signature)}`
}

function encrypted(text: string, more: object = {}): Promise<string> {
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'enc', ...more })
    .encrypt(recipient.publicKey)
}

/** The outer header of an encrypted token changed, which no key is needed for. */
async function reheaded(changes: object): Promise<string> {
  const [, ...rest] = (await encrypted(valid)).split('.')
  return [encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'enc', ...changes }), ...rest].join(
    '.',
  )
}

const ADVISORIES: readonly Advisory[] = [
  [
    'CVE-2015-9235, CVE-2022-23540',
    'no algorithm, in every spelling',
    'usual',
    () =>
      ['none', 'None', 'nOnE', 'NONE', 'none ', '', undefined].flatMap((alg) =>
        ['', part(2)].map((signature) => `${encode({ ...header, alg })}.${part(1)}.${signature}`),
      ),
  ],
  ...(['usual', 'untyped keys'] as const).map((against): Advisory => [
    'CVE-2016-10555, CVE-2022-29217, CVE-2023-48223, CVE-2026-22817, CVE-2026-34950',
    'the public key as secret, in nine spellings',
    against,
    () => hmacBy(keySpellings()),
  ]),
  [
    'CVE-2019-20933, CVE-2020-28042',
    'a blank secret, and blank signatures',
    'a secret',
    () => [
      ...hmacBy(['', '\0', ' ', 'null', 'undefined', 'secret', new Uint8Array(64)]),
      ...['', 'AA', 'A'.repeat(43)].map(
        (signature) => `${encode({ ...header, alg: 'HS256' })}.${part(1)}.${signature}`,
      ),
    ],
  ],
  [
    'CVE-2018-0114',
    'a key that the token brings itself',
    'usual',
    () => {
      const { kid: _kid, ...jwk } = stranger.jwk
      return [{ jwk }, { jwk: stranger.jwk }, { jwk, kid: undefined }, { x5c: ['AAAA'] }].map(
        (changes) => headed(changes, stranger),
      )
    },
  ],
  [
    'CVE-2022-21449',
    'an ECDSA signature of zeroes',
    'usual',
    () =>
      [Buffer.alloc(64), Buffer.alloc(1), Buffer.from('3006020100020100', 'hex')].map((bytes) =>
        withSignature('ES256', 'ec-1', bytes),
      ),
  ],
  [
    'CVE-2025-59420, CVE-2026-32597, CVE-2026-35042',
    'critical extensions that nobody here knows',
    'usual',
    () =>
      [
        { crit: ['x'], x: 1 },
        { crit: ['b64'], b64: false },
        { crit: ['exp'], exp: 1 },
        { crit: [] },
        { crit: 'x' },
      ].map((changes) => headed(changes)),
  ],
  [
    'CVE-2026-29000',
    'an unsigned token, encrypted by anybody',
    'decryption',
    async () => [
      await encrypted(JSON.stringify(payload)),
      await encrypted(`${encode({ alg: 'none' })}.${part(1)}.`),
      await encrypted(forge(header, payload, stranger)),
      await new EncryptJWT(payload)
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
        .encrypt(KeyObject.from(issuer.key.publicKey)),
    ],
  ],
  [
    'CVE-2022-36083, CVE-2026-27932, CVE-2026-39373',
    'a password hashed ten million times',
    'decryption',
    () =>
      Promise.all(
        ['PBES2-HS256+A128KW', 'PBES2-HS512+A256KW'].map((alg) =>
          reheaded({ alg, p2c: 10_000_000, p2s: 'AAAAAAAAAAA' }),
        ),
      ),
  ],
  [
    'CVE-2024-28176, CVE-2024-28180',
    'a compressed token',
    'decryption',
    () => Promise.all([reheaded({ zip: 'DEF' }), reheaded({ zip: 'GZ' }), reheaded({ zip: true })]),
  ],
  [
    'CVE-2024-53861, CVE-2025-30144',
    'an issuer that is a list, or part of ours',
    'usual',
    () => {
      const { url } = issuer
      return [
        [url],
        ['https://evil.test', url],
        url.slice(0, -1),
        url.slice(7),
        '',
        { 0: url },
        null,
      ].map((iss) => claiming({ iss }))
    },
  ],
  [
    'GHSA-hm8q-7f3q-5f36',
    'times that are no numbers of seconds',
    'usual',
    () => [
      ...['exp', 'nbf', 'iat'].flatMap((name) =>
        ['"1999999999"', '1e400', '-1e400', '[1]', '{}', 'true', '""'].map((value) =>
          spelled(name, value),
        ),
      ),
      // Null says of the other claims that they are absent.
      spelled('exp', 'null'),
      ...['nbf', 'iat'].map((name) => spelled(name, String(clock.now * 1000))),
      ...['-1', '-0', '0.5'].map((value) => spelled('exp', value)),
    ],
  ],
  [
    'CVE-2026-35039',
    'a token that shares all but a part with one that was accepted',
    'usual',
    async () => {
      expect((await apis['usual'].get(valid)).status).toBe(200)
      const other = claiming({ sub: 'somebody-else' })
      const [head, body, signature] = other.split('.')
      return [`${head}.${body}.${part(2)}`, `${part(0)}.${part(1)}.${signature}`]
    },
  ],
]

describe('What befell other verifiers', () => {
  it.each(ADVISORIES)('%s: %s is refused, against %s', async (_ids, _attack, against, tokens) => {
    const made = await tokens()
    expect(made.length).toBeGreaterThan(0)
    const began = performance.now()
    const accepted: string[] = []
    for (const token of made) {
      const { status } = await apis[against].get(token)
      if (status !== 400 && status !== 401) accepted.push(`${status} ${token}`)
    }
    expect(accepted).toEqual([])
    expect(performance.now() - began).toBeLessThan(made.length * 100 + 1000)
  })

  it('is refused by APIs that do accept good tokens', async () => {
    const good: Readonly<Record<keyof typeof apis, string>> = {
      usual: valid,
      'untyped keys': valid,
      'a secret': hmacBy([SECRET])[0]!,
      decryption: await encrypted(valid),
    }
    for (const [name, token] of Object.entries(good)) {
      expect([name, (await apis[name as keyof typeof apis].get(token)).status]).toEqual([name, 200])
    }
  })

  it('CVE-2026-35039: two users whose tokens alternate are never taken for each other', async () => {
    const tokens = await Promise.all(['ann', 'bob'].map((sub) => issuer.token({ sub })))
    for (let turn = 0; turn < 20; turn += 1) {
      const answers = await Promise.all(tokens.map((token) => apis['usual'].get(token)))
      expect(answers.map(({ body }) => (body as { subject: unknown }).subject)).toEqual([
        'ann',
        'bob',
      ])
    }
  })

  it.each<[ids: string, what: string, options: object]>([
    ['CVE-2026-22748', 'no issuer', { issuer: undefined }],
    ['CVE-2026-22748', 'an empty issuer', { issuer: '' }],
    ['CVE-2026-22748', 'any issuer', { issuer: true }],
    ['CVE-2026-35041', 'a regular expression for issuer', { issuer: /^(a+)+$/ }],
    ['CVE-2026-35041', 'a regular expression for audience', { audience: /^(a+)+$/ }],
    ['CVE-2026-35041', 'a regular expression in a list', { audience: ['x', /^(a+)+$/] }],
    ['CVE-2026-35041', 'a regular expression for a claim', { expectedClaims: { sub: /^(a+)+$/ } }],
  ])('%s: cannot be built with %s', (_ids, _what, options) => {
    const { url, audience } = issuer
    const given = { issuer: url, audience, ...options }
    expect(() => requireBearer(given as never)).toThrow(TypeError)
  })
})
