import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { frozenClock, startApi, type TestApi, type TestApiOptions } from '../tools/api.js'
import { encode, signBytes } from './support/forge.js'

/**
 * The JOSE vectors of wycheproof, through the public API. Their payloads are no claims, so as they
 * stand they can only be refused; what matters is made again over real claims with their keys.
 * @see https://github.com/C2SP/wycheproof
 */
const folder = join(
  process.env['TEST_VECTORS'] ?? fileURLToPath(new URL('../../shared/vectors', import.meta.url)),
  'wycheproof',
)

type Keys = JsonWebKey & { readonly keys?: readonly JsonWebKey[] }

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid'
  readonly jws?: unknown
  readonly jwe?: unknown
}

interface Group {
  readonly comment: string
  readonly private: Keys
  readonly public?: Keys
  readonly tests: readonly Vector[]
}

const TRUSTED = { issuer: 'https://id.test', audience: 'https://api.test' }
const clock = frozenClock()
const PAYLOAD = encode({
  iss: TRUSTED.issuer,
  aud: TRUSTED.audience,
  sub: 'user-1',
  iat: clock.now,
  exp: clock.now + 300,
  scope: 'read',
})

function groupsOf(name: string): readonly Group[] {
  const text = readFileSync(join(folder, `json_web_${name}_test.json`), 'utf8')
  return (JSON.parse(text) as { testGroups: Group[] }).testGroups
}

/** The keys of a group as an app would configure them. */
function keySource({ private: secret, public: published }: Group): TestApiOptions {
  const { kty, k = '' } = firstOf(secret)
  if (kty === 'oct' && published === undefined && secret.keys?.length !== 2) {
    return { secret: Buffer.from(k, 'base64url') }
  }
  const set = published ?? secret
  return { jwks: { keys: set.keys ?? [set] } }
}

/** An API that trusts the keys of a group, or undefined where it refuses to be built with them. */
async function apiFor(group: Group): Promise<TestApi | undefined> {
  try {
    return await startApi({ options: TRUSTED }, { clock, ...keySource(group) })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function firstOf(keys: Keys): JsonWebKey {
  return keys.keys?.[0] ?? keys
}

/** Signs real claims under the header of a vector, with the private key of its group. */
function resign(vector: Vector, group: Group): string {
  const [header = ''] = String(vector.jws).split('.')
  const { alg = '' } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg?: string }
  const input = `${header}.${PAYLOAD}`
  const key = firstOf(group.private)
  const signature = alg.startsWith('HS')
    ? createHmac(`sha${alg.slice(2)}`, Buffer.from(key.k ?? '', 'base64url'))
        .update(input)
        .digest()
    : signBytes(Buffer.from(input), createPrivateKey({ key, format: 'jwk' }), alg)
  return `${input}.${signature.toString('base64url')}`
}

/** Vectors that are said to be valid and that we refuse, each for a reason. */
const STRICTER = new Map([
  ['Figure20', 'the key says PS256, the token PS384'],
  ['Figure27', 'the key says "ES521", which is no algorithm'],
  ['InvalidCharacterInsertedInHeader', 'a stray character is not base64url'],
  ['InvalidCharacterInsertedInPayload', 'a stray character is not base64url'],
])

/** A set that mixes secrets with private keys can be no JWKS of ours. */
const MIXED_SETS = new Set(['jws_mixedSymmetryKeyset', 'jws_keyset', 'jws_duplicate_kid'])

/** What a JWK says of a secret, which we get as bytes. */
const NOT_DETECTED = new Set(['invalid_aes_gcm_key', 'invalid_aes_kw_key'])

async function status(api: TestApi | undefined, token: string): Promise<number> {
  return api === undefined ? 401 : (await api.get(token)).status
}

function rsaBlock(key: KeyObject, signature: Buffer): Buffer {
  return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function replaced(block: Buffer, digest: Buffer, other: Buffer): Buffer {
  const at = block.indexOf(digest)
  if (at === -1) return block
  return Buffer.concat([block.subarray(0, at), other, block.subarray(at + digest.length)])
}

if (existsSync(folder)) {
  describe('wycheproof vectors', () => {
    it.each(['signature', 'crypto', 'key', 'encryption'])(
      'accepts none as it stands: %s',
      async (file) => {
        const accepted: number[] = []
        for (const group of groupsOf(file)) {
          const api = await apiFor(group)
          for (const { tcId, jws, jwe } of group.tests) {
            const given = jws ?? jwe
            const token = typeof given === 'string' ? given : JSON.stringify(given)
            const answer = /^[ -~]*$/.test(token) ? await status(api, token) : 400
            if (answer !== 400 && answer !== 401) accepted.push(tcId)
          }
          await api?.close()
        }
        expect(accepted).toEqual([])
      },
    )

    it.each(['signature', 'crypto', 'key'])(
      'takes real claims by every sound key: %s',
      async (file) => {
        for (const group of groupsOf(file).filter(({ comment }) => !MIXED_SETS.has(comment))) {
          const vector = group.tests.find(
            ({ result, jws }) => result === 'valid' && jws !== undefined,
          )
          if (vector === undefined || STRICTER.has(vector.comment)) continue
          const api = await apiFor(group)
          const answer = await status(api, resign(vector, group))
          expect([group.comment, vector.comment, answer]).toEqual([
            group.comment,
            vector.comment,
            200,
          ])
          await api?.close()
        }
      },
    )

    it('takes real claims by no unsound key', async () => {
      let count = 0
      for (const group of groupsOf('key')) {
        const [vector] = group.tests
        if (vector?.result !== 'invalid' || NOT_DETECTED.has(group.comment)) continue
        const api = await apiFor(group)
        let token: string
        try {
          token = resign(vector, group)
        } catch {
          // The key is so broken that nothing can be signed with it.
          token = String(vector.jws)
        }
        expect([group.comment, await status(api, token)]).toEqual([group.comment, 401])
        await api?.close()
        count += 1
      }
      expect(count).toBeGreaterThan(10)
    })

    it('takes no RSA signature whose padding was manipulated', async () => {
      const group = groupsOf('signature').find(({ tests }) => tests.length > 200)!
      const api = (await apiFor(group))!
      const key = createPrivateKey({ key: firstOf(group.private), format: 'jwk' })
      const publicKey = createPublicKey(key)
      let made = 0
      for (const { tcId, jws, result } of group.tests) {
        const [header = '', payload = '', signature = ''] = String(jws).split('.')
        const bytes = Buffer.from(signature, 'base64url')
        const input = `${header}.${PAYLOAD}`
        let block: Buffer
        try {
          block = rsaBlock(publicKey, bytes)
        } catch {
          continue
        }
        const digest = sha256(`${header}.${payload}`)
        const forged = replaced(block, digest, sha256(input))
        if (forged !== block) made += 1
        const again = privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, forged)
        const answer = await status(api, `${input}.${again.toString('base64url')}`)
        expect([tcId, answer]).toEqual([tcId, result === 'valid' ? 200 : 401])
      }
      expect(made).toBeGreaterThan(150)
      await api.close()
    })

    it('takes no special ECDSA signature for real claims', async () => {
      const group = groupsOf('signature').find(({ comment }) => comment === 'SpecialCaseEs256')!
      const api = (await apiFor(group))!
      for (const { tcId, jws } of group.tests.filter(({ result }) => result === 'invalid')) {
        const [header = '', , signature = ''] = String(jws).split('.')
        const answer = await status(api, `${header}.${PAYLOAD}.${signature}`)
        expect([tcId, answer]).toEqual([tcId, 401])
      }
      await api.close()
    })
  })
} else {
  describe('wycheproof vectors', () => {
    it('are not here: nothing was tested by them', () => {
      console.warn(
        `The wycheproof vectors are not in ${folder}. Set TEST_VECTORS to the folder that holds wycheproof/ to run them.`,
      )
      expect(existsSync(folder)).toBe(false)
    })
  })
}
