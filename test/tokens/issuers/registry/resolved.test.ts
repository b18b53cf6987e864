import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { AuthError, type IssuerOptions } from '../../../../lib/index.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../../../lib/tokens/issuers/registry/registry.js'
import { resolvedIssuers } from '../../../../lib/tokens/issuers/registry/resolved.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { ISSUER } from '../../../support/policy.js'
import { taken } from '../../../support/policy.js'

const check = optionCheck('requireBearer')
const SECRET = Buffer.alloc(32, 1)

let timer: ManualTimer
let asked: string[]
let allowed: (issuer: string) => unknown
let resolve: (issuer: string) => Promise<IssuerOptions | undefined>
let issuers: IssuerRegistry

beforeEach(() => {
  timer = manualTimer()
  asked = []
  allowed = () => true
  resolve = async (issuer) => ({ issuer, audience: 'a', secret: SECRET })
  issuers = resolvedIssuers(
    {
      allow: (issuer) => allowed(issuer) as boolean,
      resolve(issuer) {
        asked.push(issuer)
        return resolve(issuer)
      },
    },
    { check, timer, emit() {} },
  )
})

const find = async (issuer: string, throttled?: boolean): Promise<IssuerPolicy | undefined> =>
  taken(await issuers.find(issuer, throttled))

/** How finding an issuer fails, with the detail for the log. */
async function failure(issuer: string, throttled?: boolean): Promise<unknown> {
  const error: unknown = await find(issuer, throttled).catch((thrown: unknown) => thrown)
  return error instanceof AuthError ? [error.code, error.reason, error.detail] : error
}

const held = (): readonly string[] => issuers.status().map(({ issuer }) => issuer)

describe('resolvedIssuers', () => {
  it('asks allow() first, and by "true" alone', async () => {
    for (const answer of [false, undefined, 1, 'yes', {}, Promise.resolve(true)]) {
      allowed = () => answer
      expect(await find(ISSUER)).toBeUndefined()
      expect(issuers.confirm!(ISSUER)).toBe(false)
    }
    expect(asked).toEqual([])
  })

  it('does not ask about a token without an issuer', async () => {
    allowed = () => {
      throw new Error('asked')
    }
    expect(await find('')).toBeUndefined()
    expect(issuers.confirm!('')).toBe(false)
    expect(asked).toEqual([])
  })

  it('does not ask about an issuer with half of a surrogate pair, as no issuer has (7519-01)', async () => {
    // Like encodeURIComponent(), which throws for it: an answer of 500.
    allowed = () => {
      throw new URIError('URI malformed')
    }
    expect(await find(`${ISSUER}/\ud800`)).toBeUndefined()
    expect(asked).toEqual([])
  })

  it('resolves an issuer once, and answers for it without a promise from then on', async () => {
    const [one, other] = await Promise.all([find(ISSUER), find(ISSUER)])
    expect(one).toBe(other)
    expect(issuers.find(ISSUER)).toBe(one)
    expect(one?.issuers).toEqual([ISSUER])
    expect(asked).toEqual([ISSUER])
    expect(held()).toEqual([ISSUER])
  })

  it('remembers for three seconds that there is no such issuer', async () => {
    resolve = async () => undefined
    expect(await find(ISSUER)).toBeUndefined()
    resolve = async (issuer) => ({ issuer, audience: 'a', secret: SECRET })
    await timer.advance(2999)
    expect(issuers.find(ISSUER)).toBeUndefined()
    expect(issuers.find(ISSUER, true)).toBeUndefined()
    expect(asked).toHaveLength(1)
    await timer.advance(1)
    expect(await find(ISSUER)).toBeDefined()
  })

  it('remembers no more than 1,000 unknown names, and none that no issuer could have', async () => {
    resolve = async () => undefined
    const long = `${ISSUER}/${'x'.repeat(512)}`
    for (const issuer of [long, long, 'https://a.test']) await find(issuer)
    expect(asked).toHaveLength(3)
    for (let count = 0; count < 1000; count += 1) await find(`https://${count}.test`)
    expect(issuers.find('https://a.test')).toBeInstanceOf(Promise)
    expect(issuers.find('https://1.test')).toBeUndefined()
  })

  it('remembers no failure', async () => {
    resolve = async () => Promise.reject(new Error('database down'))
    expect(await failure(ISSUER)).toEqual([
      'temporarily_unavailable',
      'issuer_unresolved',
      `The issuer ${ISSUER} could not be resolved: database down`,
    ])
    resolve = async (issuer) => ({ issuer, audience: 'a', secret: SECRET })
    expect(await find(ISSUER)).toBeDefined()
    expect(asked).toHaveLength(2)
  })

  it('takes what throws at once for an outage too', async () => {
    resolve = () => {
      throw new Error('not connected')
    }
    expect(await failure(ISSUER)).toMatchObject([
      'temporarily_unavailable',
      'issuer_unresolved',
      {},
    ])
  })

  it.each([
    [
      'of another issuer',
      { issuer: 'https://x.test', audience: 'a', secret: SECRET },
      'options of',
    ],
    ['misspelt', { issuer: ISSUER, audience: 'a', secrte: SECRET }, 'unknown option "secrte"'],
    ['incomplete', { issuer: ISSUER, secret: SECRET }, '"audience" must'],
    ['null', null, 'options must be an object'],
  ])('takes options that are %s for an outage', async (_name, options, detail) => {
    resolve = async () => options as never
    expect(await failure(ISSUER)).toEqual([
      'temporarily_unavailable',
      'issuer_unresolved',
      expect.stringContaining(detail),
    ])
    expect(held()).toEqual([])
  })

  it('waits 2.5 seconds for resolve(), and no longer', async () => {
    resolve = () => new Promise(() => undefined)
    let outcome: unknown = 'waiting'
    void failure(ISSUER).then((error) => (outcome = error))
    await timer.advance(2499)
    expect(outcome).toBe('waiting')
    await timer.advance(1)
    await settle()
    expect(outcome).toMatchObject(['temporarily_unavailable', 'issuer_unresolved', {}])
  })

  it('resolves nothing for a sender that it may not be spent on', async () => {
    expect(await failure(ISSUER, true)).toMatchObject(['too_many_requests', 'rate_limited', {}])
    expect(asked).toEqual([])
    resolve = () => new Promise(() => undefined)
    void find(ISSUER).catch(() => undefined)
    // A resolution that is under way for others may be joined.
    expect(issuers.find(ISSUER, true)).toBeInstanceOf(Promise)
    expect(asked).toHaveLength(1)
  })

  it('still answers a throttled sender for an issuer it knows', async () => {
    await find(ISSUER)
    expect(await find(ISSUER, true)).toBeDefined()
  })

  it('tells of an issuer without resolving it, and of none that is not allowed any more', async () => {
    expect(issuers.known(ISSUER)).toBeUndefined()
    expect(asked).toEqual([])
    const policy = await find(ISSUER)
    expect(issuers.known(ISSUER)).toBe(policy)
    allowed = () => false
    expect(issuers.known(ISSUER)).toBeUndefined()
  })

  it('keeps 1,000 issuers of which no token has verified, and each one that did', async () => {
    await find(ISSUER)
    expect(issuers.confirm!(ISSUER)).toBe(true)
    for (let count = 0; count <= 1000; count += 1) {
      await timer.advance(100)
      await find(`https://${count}.test`)
    }
    expect(held()).toHaveLength(1001)
    expect(held()).toContain(ISSUER)
    expect(held()).not.toContain('https://0.test')
    expect(held()).toContain('https://1.test')
  })

  it('keeps the 1,000 issuers that were used last', async () => {
    for (let count = 0; count <= 1000; count += 1) {
      await timer.advance(100)
      await find(`https://${count}.test`)
      expect(issuers.confirm!(`https://${count}.test`)).toBe(true)
    }
    expect(held()).toHaveLength(1000)
    expect(held()).not.toContain('https://0.test')
  })

  it('vouches for no key once closed, of those that verified and those that did not', async () => {
    const [proven, unproven] = [await find(ISSUER), await find('https://b.test')]
    issuers.confirm!(ISSUER)
    issuers.close()
    for (const policy of [proven, unproven]) {
      const [key] = await policy!.keys.find(undefined)
      expect(policy!.keys.holds(key!)).toBe(false)
    }
  })

  it('has no keys to decrypt with, and nothing to wait for', async () => {
    expect(issuers.decryptionKeys).toEqual([])
    await expect(issuers.ready()).resolves.toBeUndefined()
    expect(issuers.explain('')).toContain('(none)')
    expect(issuers.explain(ISSUER)).toContain(ISSUER)
  })
})
