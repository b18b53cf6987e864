import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import type { Sender } from '../../../../lib/core/queue/sender.js'
import { AuthError, type IssuerOptions } from '../../../../lib/index.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../../../lib/tokens/issuers/registry/registry.js'
import { resolvedIssuers } from '../../../../lib/tokens/issuers/registry/resolved.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { ISSUER } from '../../../support/policy.js'
import { senderOf } from '../../../support/senders.js'
import { taken } from '../../../support/policy.js'

const check = optionCheck('requireBearer')
const SECRET = Buffer.alloc(32, 1)

let timer: ManualTimer
let asked: string[]
let resolve: (issuer: string) => Promise<IssuerOptions | undefined>
let issuers: IssuerRegistry

beforeEach(() => {
  timer = manualTimer()
  asked = []
  resolve = async (issuer) => ({ issuer, audience: 'a', secret: SECRET })
  issuers = resolvedIssuers(
    {
      allow: () => true,
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
  throttled?: boolean,
  sender?: Sender,
): Promise<IssuerPolicy | undefined> => taken(await issuers.find(issuer, throttled, sender))

/** How finding an issuer fails, with the detail for the log. */
async function failure(issuer: string, throttled?: boolean, sender?: Sender): Promise<unknown> {
  const error: unknown = await find(issuer, throttled, sender).catch((thrown: unknown) => thrown)
  return error instanceof AuthError ? [error.code, error.reason, error.detail] : error
}

describe('a flood of issuers', () => {
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

  it('lets nobody past who comes when it is his turn that others wait for', async () => {
    for (let count = 0; count < 100; count += 1) await find(`https://${count}.test`)
    await timer.advance(50)
    const found: string[] = []
    void find('https://a.test').then(() => found.push('a'))
    await timer.advance(60)
    void find('https://b.test').then(() => found.push('b'))
    await timer.advance(200)
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
    const last = find('https://last.test', false, senderOf('one', timer.now()))
    await timer.advance(200)
    expect(new Set(await next).size).toBe(1)
    expect(await last).toBeDefined()
  })

  it('has a flood of real names wait for a second, and no other network', async () => {
    for (let count = 0; count < 100; count += 1) await find(`https://${count}.test`)
    const flood = senderOf('flood', timer.now())
    const outcomes: unknown[] = []
    for (let count = 0; count < 20; count += 1) {
      void failure(`https://real-${count}.test`, false, flood).then((error) => outcomes.push(error))
    }
    await settle()
    const good = find(ISSUER, false, senderOf('one', timer.now()))
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
    for (let count = 0; count < 150; count += 1) void failure(`https://${count}.test`, false, flood)
    // Also where a stranger has named it before: who joined him would wait behind his flood.
    void failure(ISSUER, false, flood)
    const good = find(ISSUER, false, senderOf('one', timer.now()))
    await settle()
    expect(asked).toHaveLength(100)
    for (const name of ['0', '1']) answers.get(`https://${name}.test`)!()
    await settle()
    expect(asked.slice(100)).toEqual(['https://100.test', ISSUER])
    answers.get(ISSUER)!()
    expect(await good).toBeDefined()
  })

  it('has whoever asks about what is asked already wait for that, not for a place', async () => {
    let answer!: () => void
    resolve = (issuer) =>
      new Promise((settled) => {
        answer = () => settled({ issuer, audience: 'a', secret: SECRET })
      })
    for (let count = 0; count < 99; count += 1) void failure(`https://${count}.test`)
    const both = [find(ISSUER), find(ISSUER)]
    await settle()
    answer()
    expect(new Set(await Promise.all(both)).size).toBe(1)
    expect(asked).toHaveLength(100)
  })

  it('asks nothing for a client that has gone while it waited', async () => {
    resolve = () => new Promise(() => undefined)
    for (let count = 0; count < 100; count += 1) void failure(`https://${count}.test`)
    const sender = senderOf('one', timer.now())
    const waiting = failure(ISSUER, false, sender)
    sender.gone = true
    await timer.advance(25)
    expect(await waiting).toMatchObject(['temporarily_unavailable', 'issuer_unresolved', {}])
    expect(asked).not.toContain(ISSUER)
  })

  it('takes whatever was waited for before from the 2.5 seconds, and leaves others theirs', async () => {
    resolve = () => new Promise(() => undefined)
    let early: unknown = 'waiting'
    let late: unknown = 'waiting'
    void failure(ISSUER, false, senderOf('one', timer.now() - 1000)).then(
      (error) => (early = error),
    )
    void failure(ISSUER, false, senderOf('two', timer.now())).then((error) => (late = error))
    await timer.advance(1500)
    await settle()
    expect(early).toMatchObject(['temporarily_unavailable', 'issuer_unresolved', {}])
    expect(late).toBe('waiting')
  })
})
