import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options.js'
import type { Sender } from '../../lib/core/sender.js'
import { AuthError, type IssuerOptions } from '../../lib/index.js'
import type { IssuerPolicy } from '../../lib/tokens/issuer-policy.js'
import type { IssuerRegistry } from '../../lib/tokens/issuer-registry.js'
import { resolvedIssuers } from '../../lib/tokens/resolved-issuers.js'
import { manualTimer, settle, type ManualTimer } from '../support/manual-timer.js'
import { ISSUER } from '../support/policy.js'
import { senderOf } from '../support/senders.js'

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

const find = async (
  issuer: string,
  mayResolve?: boolean,
  sender?: Sender,
): Promise<IssuerPolicy | undefined> => issuers.find(issuer, mayResolve, sender)

/** How finding an issuer fails, with the detail for the log. */
async function failure(issuer: string, mayResolve?: boolean, sender?: Sender): Promise<unknown> {
  const error: unknown = await find(issuer, mayResolve, sender).catch((thrown: unknown) => thrown)
  return error instanceof AuthError ? [error.code, error.reason, error.detail] : error
}

const held = (): readonly string[] => issuers.status().map(({ issuer }) => issuer)

describe('resolvedIssuers', () => {
  it('asks allow() first, and by "true" alone', async () => {
    for (const answer of [false, undefined, 1, 'yes', {}, Promise.resolve(true)]) {
      allowed = () => answer
      expect(await find(ISSUER)).toBeUndefined()
      expect(issuers.admits!(ISSUER)).toBe(false)
    }
    expect(asked).toEqual([])
  })

  it('does not ask about a token without an issuer', async () => {
    allowed = () => {
      throw new Error('asked')
    }
    expect(await find('')).toBeUndefined()
    expect(issuers.admits!('')).toBe(false)
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
    expect(issuers.find(ISSUER, false)).toBeUndefined()
    expect(asked).toHaveLength(1)
    await timer.advance(1)
    expect(await find(ISSUER)).toBeDefined()
  })

  it('remembers no more than 1,000 such names, and none that no issuer could have', async () => {
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
    expect(await failure(ISSUER, false)).toMatchObject(['too_many_requests', 'rate_limited', {}])
    expect(asked).toEqual([])
    resolve = () => new Promise(() => undefined)
    void find(ISSUER).catch(() => undefined)
    // What is under way for others may be joined.
    expect(issuers.find(ISSUER, false)).toBeInstanceOf(Promise)
    expect(asked).toHaveLength(1)
  })

  it('still answers such a sender for an issuer it knows', async () => {
    await find(ISSUER)
    expect(await find(ISSUER, false)).toBeDefined()
  })

  it('tells of an issuer without resolving it, and of none that is not allowed any more', async () => {
    expect(issuers.known(ISSUER)).toBeUndefined()
    expect(asked).toEqual([])
    const policy = await find(ISSUER)
    expect(issuers.known(ISSUER)).toBe(policy)
    allowed = () => false
    expect(issuers.known(ISSUER)).toBeUndefined()
  })

  it('takes in 100 issuers at once, and one more each 100 ms, which others wait for', async () => {
    for (let count = 0; count < 100; count += 1) await find(`https://${count}.test`)
    const found: string[] = []
    for (const name of ['a', 'b']) void find(`https://${name}.test`).then(() => found.push(name))
    await timer.advance(99)
    expect(found).toEqual([])
    await timer.advance(1)
    expect(found).toEqual(['a'])
    await timer.advance(100)
    expect(found).toEqual(['a', 'b'])
  })

  it('spends nothing of that on issuers that there are none of', async () => {
    resolve = async () => undefined
    for (let count = 0; count < 500; count += 1) await find(`https://invented-${count}.test`)
    resolve = async (issuer) => ({ issuer, audience: 'a', secret: SECRET })
    for (let count = 0; count < 100; count += 1) {
      expect(await find(`https://${count}.test`)).toBeDefined()
    }
  })

  it('spends it once for an issuer, however many requests wait', async () => {
    for (let count = 0; count < 99; count += 1) await find(`https://${count}.test`)
    const all = await Promise.all(Array.from({ length: 50 }, () => find(ISSUER)))
    expect(new Set(all).size).toBe(1)
    // The budget is empty now: the first of these waits for its turn, and the others leave with it.
    const next = Promise.all(Array.from({ length: 50 }, () => find('https://next.test')))
    const last = find('https://last.test', true, senderOf('one', timer.now()))
    await timer.advance(200)
    expect(new Set(await next).size).toBe(1)
    expect(await last).toBeDefined()
  })

  it('has a flood of real names wait for a second, and no other network', async () => {
    for (let count = 0; count < 100; count += 1) await find(`https://${count}.test`)
    const flood = senderOf('flood', timer.now())
    const outcomes: unknown[] = []
    for (let count = 0; count < 20; count += 1) {
      void failure(`https://real-${count}.test`, true, flood).then((error) => outcomes.push(error))
    }
    await settle()
    const good = find(ISSUER, true, senderOf('one', timer.now()))
    await timer.advance(200)
    expect(await good).toBeDefined()
    expect(outcomes).toHaveLength(1)
    await timer.advance(825)
    expect(outcomes).toHaveLength(20)
    expect(outcomes.at(-1)).toEqual([
      'temporarily_unavailable',
      'issuer_unresolved',
      'No budget for another issuer: it took too long',
    ])
  })

  it('asks resolve() about 100 issuers at once, and serves networks in turn', async () => {
    const answers = new Map<string, () => void>()
    resolve = (issuer) =>
      new Promise((answer) =>
        answers.set(issuer, () => answer({ issuer, audience: 'a', secret: SECRET })),
      )
    const flood = senderOf('flood', timer.now())
    for (let count = 0; count < 150; count += 1) void failure(`https://${count}.test`, true, flood)
    // Also where a stranger has named it before: who joined him would wait behind his flood.
    void failure(ISSUER, true, flood)
    const good = find(ISSUER, true, senderOf('one', timer.now()))
    await settle()
    expect(asked).toHaveLength(100)
    for (const name of ['0', '1']) answers.get(`https://${name}.test`)!()
    await settle()
    expect(asked.slice(100)).toEqual(['https://100.test', ISSUER])
    answers.get(ISSUER)!()
    expect(await good).toBeDefined()
  })

  it('asks nothing for a client that has gone while it waited', async () => {
    resolve = () => new Promise(() => undefined)
    for (let count = 0; count < 100; count += 1) void failure(`https://${count}.test`)
    const sender = senderOf('one', timer.now())
    const waiting = failure(ISSUER, true, sender)
    sender.gone = true
    await timer.advance(25)
    expect(await waiting).toMatchObject(['temporarily_unavailable', 'issuer_unresolved', {}])
    expect(asked).not.toContain(ISSUER)
  })

  it('takes whatever was waited for before from the 2.5 seconds, and leaves others theirs', async () => {
    resolve = () => new Promise(() => undefined)
    let early: unknown = 'waiting'
    let late: unknown = 'waiting'
    void failure(ISSUER, true, senderOf('one', timer.now() - 1000)).then((error) => (early = error))
    void failure(ISSUER, true, senderOf('two', timer.now())).then((error) => (late = error))
    await timer.advance(1500)
    await settle()
    expect(early).toMatchObject(['temporarily_unavailable', 'issuer_unresolved', {}])
    expect(late).toBe('waiting')
  })

  it('keeps 100 issuers of which no token has verified, and each one that did', async () => {
    await find(ISSUER)
    expect(issuers.admits!(ISSUER)).toBe(true)
    for (let count = 0; count <= 100; count += 1) {
      await timer.advance(100)
      await find(`https://${count}.test`)
    }
    expect(held()).toHaveLength(101)
    expect(held()).toContain(ISSUER)
    expect(held()).not.toContain('https://0.test')
    expect(held()).toContain('https://1.test')
  })

  it('keeps the 1,000 issuers that were used last', async () => {
    for (let count = 0; count <= 1000; count += 1) {
      await timer.advance(100)
      await find(`https://${count}.test`)
      expect(issuers.admits!(`https://${count}.test`)).toBe(true)
    }
    expect(held()).toHaveLength(1000)
    expect(held()).not.toContain('https://0.test')
  })

  it('vouches for no key once closed, of those that verified and those that did not', async () => {
    const [proven, unproven] = [await find(ISSUER), await find('https://b.test')]
    issuers.admits!(ISSUER)
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
