import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { AuthError, type IssuerFields, type SharedSecret } from '../../../../lib/index.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import type {
  IssuerRegistry,
  IssuerResolver,
} from '../../../../lib/tokens/issuers/registry/registry.js'
import { resolvedIssuers } from '../../../../lib/tokens/issuers/registry/resolved.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { ISSUER } from '../../../support/policy.js'

const check = optionCheck('requireBearer')
const SECRET = Buffer.alloc(32, 1)
const MINUTE = 60_000
const ENCRYPTION_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  format: 'jwk',
})

let timer: ManualTimer
let asked: number
let resolve: IssuerResolver['resolve']
let issuers: IssuerRegistry

function begin(options: Partial<IssuerResolver> = {}): void {
  timer = manualTimer()
  asked = 0
  issuers = resolvedIssuers(
    {
      allow: () => true,
      resolve(issuer) {
        asked += 1
        return resolve(issuer)
      },
      ...options,
    },
    { check, timer, emit() {} },
  )
}

const options = (): IssuerFields & SharedSecret => ({
  issuer: ISSUER,
  audience: 'a',
  secret: SECRET,
})

async function find(): Promise<IssuerPolicy | undefined | string> {
  const finding = issuers.find(ISSUER)
  await settle()
  const found = await finding
  return found instanceof AuthError ? found.reason : found
}

/** Whether what the issuer's key has verified still counts. */
async function counts(policy: unknown): Promise<boolean> {
  const { keys } = policy as IssuerPolicy
  const [key] = await keys.find(undefined)
  return keys.holds(key!)
}

beforeEach(() => {
  resolve = async () => options()
  begin()
})

describe('an answer of resolve()', () => {
  it('counts for 5 minutes, and is asked for again in the last tenth, while it serves on', async () => {
    const policy = await find()
    await timer.advance(4.5 * MINUTE - 1)
    expect(await find()).toBe(policy)
    expect(asked).toBe(1)
    await timer.advance(1)
    expect(issuers.find(ISSUER)).toBe(policy)
    await settle()
    expect(asked).toBe(2)
    await timer.advance(4.5 * MINUTE - 1)
    expect(issuers.find(ISSUER)).toBe(policy)
    await settle()
    expect(asked).toBe(2)
    expect(await counts(policy)).toBe(true)
  })

  it('is asked for again by tokens that are known as well, and by open streams', async () => {
    await find()
    issuers.confirm!(ISSUER)
    await timer.advance(4.6 * MINUTE)
    issuers.confirm!(ISSUER)
    await settle()
    expect(asked).toBe(2)
    await timer.advance(4.6 * MINUTE)
    issuers.known(ISSUER)
    await settle()
    expect(asked).toBe(3)
  })

  it('is waited for where nobody asked in time, because the issuer may be gone', async () => {
    const policy = await find()
    await timer.advance(5 * MINUTE)
    expect(await counts(policy)).toBe(false)
    expect(issuers.known(ISSUER)).toBeUndefined()
    expect(issuers.find(ISSUER)).toBeInstanceOf(Promise)
    await settle()
    expect([asked, await counts(policy)]).toEqual([2, true])
  })

  it('ends an issuer that is gone, with all that its keys have verified', async () => {
    const policy = await find()
    resolve = async () => undefined
    await timer.advance(4.6 * MINUTE)
    void issuers.find(ISSUER)
    await settle()
    expect(issuers.find(ISSUER)).toBeUndefined()
    expect(issuers.known(ISSUER)).toBeUndefined()
    expect(await counts(policy)).toBe(false)
    expect(issuers.status()).toEqual([])
  })

  it.each<[string, object]>([
    ['', {}],
    [' of an issuer that encrypts', { decryptionKeys: [ENCRYPTION_KEY] }],
  ])(
    'replaces the rules%s at once, and keeps the keys where they are the same',
    async (_, more) => {
      resolve = async () => ({ ...options(), ...more })
      const policy = (await find()) as IssuerPolicy
      resolve = async () => ({ ...options(), ...more, audience: 'b' })
      await timer.advance(4.6 * MINUTE)
      void issuers.find(ISSUER)
      await settle()
      const other = (await find()) as IssuerPolicy
      expect(other.audiences).toEqual(['b'])
      // A token that passed by the old rules is judged by the new ones.
      expect([await counts(policy), await counts(other)]).toEqual([false, true])
      expect((await other.keys.find(undefined))[0]).toBe((await policy.keys.find(undefined))[0])
    },
  )

  it('ends the keys where they are others', async () => {
    const policy = (await find()) as IssuerPolicy
    resolve = async () => ({ ...options(), secret: Buffer.alloc(32, 2) })
    await timer.advance(5 * MINUTE)
    const other = (await find()) as IssuerPolicy
    expect(policy.keys.generation()).toBe(0)
    expect(await counts(policy)).toBe(false)
    expect((await other.keys.find(undefined))[0]).not.toBe((await policy.keys.find(undefined))[0])
  })

  it('is seen to change where the app changes the object in place', async () => {
    const same = { ...options(), audience: ['a'] }
    resolve = async () => same
    await find()
    same.audience[0] = 'b'
    await timer.advance(5 * MINUTE)
    expect(((await find()) as IssuerPolicy).audiences).toEqual(['b'])
  })

  it.each<[string, IssuerResolver['resolve']]>([
    ['rejects', async () => Promise.reject(new Error('database down'))],
    ['returns options that are wrong', async () => ({ ...options(), audience: '' })],
    ['returns those of another issuer', async () => ({ ...options(), issuer: 'https://x.test' })],
  ])('serves on for an hour while resolve() %s', async (_name, failing) => {
    const policy = await find()
    resolve = failing
    await timer.advance(5 * MINUTE)
    expect(await find()).toBe(policy)
    expect(await counts(policy)).toBe(true)
    for (let minute = 6; minute < 65; minute += 1) {
      await timer.advance(MINUTE)
      expect(await find()).toBe(policy)
    }
    await timer.advance(MINUTE)
    expect(await find()).toBe('issuer_unresolved')
    expect(await counts(policy)).toBe(false)
    resolve = async () => options()
    expect(await find()).toBe(policy)
  })

  it('waits no longer than a request does where resolve() is silent, and then serves on', async () => {
    const policy = await find()
    resolve = () => new Promise(() => undefined)
    await timer.advance(5 * MINUTE)
    const finding = issuers.find(ISSUER)
    await timer.advance(2500)
    expect(await finding).toBe(policy)
    // Nobody else waits for the next call.
    await timer.advance(2000)
    expect(issuers.find(ISSUER)).toBe(policy)
  })

  it('asks a resolve() that fails less and less often, however many requests come', async () => {
    await find()
    resolve = async () => Promise.reject(new Error('database down'))
    await timer.advance(5 * MINUTE)
    asked = 0
    for (let second = 0; second < 600; second += 1) {
      await timer.advance(1000)
      void issuers.find(ISSUER)
      void issuers.find(ISSUER)
      await settle()
    }
    expect(asked).toBeLessThan(30)
    expect(asked).toBeGreaterThan(8)
  })

  it('serves on by a failure of just now alone: an idle issuer is asked about first', async () => {
    const policy = await find()
    resolve = async () => Promise.reject(new Error('database down'))
    await timer.advance(5 * MINUTE)
    await find()
    await timer.advance(20 * MINUTE)
    expect(await counts(policy)).toBe(false)
    resolve = async () => undefined
    expect(await find()).toBeUndefined()
  })

  it('may be held to its lifetime exactly', async () => {
    begin({ ttlSeconds: 10, maxStaleSeconds: 0 })
    await find()
    resolve = async () => Promise.reject(new Error('database down'))
    await timer.advance(10_000)
    expect(await find()).toBe('issuer_unresolved')
  })

  it('is asked for by a throttled sender too: an issuer in hand costs one call in its lifetime', async () => {
    const policy = await find()
    await timer.advance(5 * MINUTE)
    const finding = issuers.find(ISSUER, true)
    await settle()
    expect(await finding).toBe(policy)
  })

  it('is asked for no more once the guard is closed', async () => {
    const policy = await find()
    issuers.close()
    await timer.advance(5 * MINUTE)
    expect(await find()).toBe('issuer_unresolved')
    issuers.confirm!(ISSUER)
    await settle()
    expect([asked, await counts(policy)]).toEqual([1, false])
  })
})

describe('maxIssuers', () => {
  it('keeps so many of those whose tokens verified', async () => {
    begin({ maxIssuers: 2 })
    resolve = async (issuer) => ({ ...options(), issuer })
    for (const issuer of ['https://a.test', 'https://b.test', 'https://c.test']) {
      await issuers.find(issuer)
      issuers.confirm!(issuer)
    }
    expect(issuers.status().map(({ issuer }) => issuer)).toEqual([
      'https://b.test',
      'https://c.test',
    ])
  })
})

describe('forbidPrivateNetworks', () => {
  it.each([
    ['an issuer inside', { issuer: 'https://10.0.0.7' }],
    ['an issuer on this machine', { issuer: 'http://localhost:9000' }],
    ['keys inside', { jwksUri: 'https://192.168.1.1/jwks' }],
    ['metadata inside', { discoveryUrl: 'https://[fd00::1]/metadata' }],
    [
      'this machine, although its options allow it',
      { jwksUri: 'https://127.0.0.1/jwks', network: { allowLoopback: ['127.0.0.1'] } },
    ],
  ])('does not take in %s: 503, as for all options that are wrong', async (_name, named) => {
    begin({ forbidPrivateNetworks: true })
    const issuer = 'issuer' in named ? named.issuer : ISSUER
    resolve = async () => ({ issuer, audience: 'a', ...named })
    const found = await issuers.find(issuer)
    expect(found).toMatchObject({
      reason: 'issuer_unresolved',
      detail: expect.stringContaining('"issuers" has forbidPrivateNetworks'),
    })
    begin()
    expect(await issuers.find(issuer)).toMatchObject({ issuers: [issuer] })
  })

  it('is kept by each policy, for all that is fetched later', async () => {
    begin({ forbidPrivateNetworks: true })
    const policy = (await find()) as IssuerPolicy
    expect(policy.network.allowance.publicOnly).toBe(true)
  })
})
