import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { IssuerOptions } from '../../../../lib/tokens/issuers/policy/options.js'
import { Answer } from '../../../../lib/tokens/issuers/registry/answer.js'
import { Answers } from '../../../../lib/tokens/issuers/registry/answers.js'
import { IssuerLookup, unresolved } from '../../../../lib/tokens/issuers/registry/lookup.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'
import { ISSUER } from '../../../support/policy.js'

type Resolve = (issuer: string) => Promise<IssuerOptions | undefined>

const lifetime = { ttlMs: 300_000, maxStaleMs: 0 }
const nothing = (): undefined => undefined

let timer: ManualTimer
let answers: Answers
let resolve: jest.Mock<Resolve>
let lookup: IssuerLookup

function optionsOf(issuer: string, changes: Partial<IssuerOptions> = {}): IssuerOptions {
  const options = { issuer, audience: 'a', secret: Buffer.alloc(32, 1), ...changes }
  return options as IssuerOptions
}

beforeEach(() => {
  timer = manualTimer()
  answers = new Answers(10)
  resolve = jest.fn<Resolve>(async (issuer) => optionsOf(issuer))
  const context = { check: optionCheck('requireBearer'), timer, emit: nothing }
  const resolver = { allow: () => true, resolve: (issuer: string) => resolve(issuer) }
  lookup = new IssuerLookup(resolver, context, lifetime, answers)
})

const find = (issuer = ISSUER, known: () => Answer | undefined = nothing): Promise<unknown> =>
  lookup.find(issuer, NOBODY, known)

/** A refusal by its detail. */
async function failure(issuer = ISSUER): Promise<unknown> {
  const outcome = await find(issuer)
  return outcome instanceof AuthError && outcome.reason === 'issuer_unresolved'
    ? outcome.detail
    : outcome
}

describe('IssuerLookup', () => {
  it('asks the app for an issuer, and compiles its options', async () => {
    const answer = await find()
    expect(answer).toBeInstanceOf(Answer)
    expect((answer as Answer).policy.issuers).toEqual([ISSUER])
    expect(resolve.mock.calls).toEqual([[ISSUER]])
    expect(lookup.isUnderWay(ISSUER)).toBe(false)
  })

  it('asks once for all who ask meanwhile', async () => {
    const asking = [find(), find()]
    expect(lookup.isUnderWay(ISSUER)).toBe(true)
    const [one, other] = await Promise.all(asking)
    expect(one).toBeInstanceOf(Answer)
    expect(other).toBe(one)
    expect(resolve).toHaveBeenCalledTimes(1)
  })

  it('asks nothing where another has found it meanwhile', async () => {
    const answer = {} as Answer
    expect(await find(ISSUER, () => answer)).toBe(answer)
    expect(resolve).not.toHaveBeenCalled()
  })

  it('remembers for three seconds that there is no such issuer, and closes its keys', async () => {
    const answer = (await find()) as Answer
    answers.add(ISSUER, answer)
    resolve.mockResolvedValue(undefined)
    expect(await find()).toBeUndefined()
    expect(answers.peek(ISSUER)).toBeUndefined()
    expect(answer.keys.generation()).toBe(0)
    expect(lookup.isMissing(ISSUER)).toBe(true)
    expect(await find()).toBeUndefined()
    expect(resolve).toHaveBeenCalledTimes(2)
    await timer.advance(3000)
    expect(lookup.isMissing(ISSUER)).toBe(false)
  })

  it.each([
    [512, true],
    [513, false],
  ])('remembers a name of %i characters that there is none of: %s', async (length, isMissing) => {
    resolve.mockResolvedValue(undefined)
    const name = 'x'.repeat(length)
    expect(await find(name)).toBeUndefined()
    expect(lookup.isMissing(name)).toBe(isMissing)
  })

  it.each<[string, Resolve, string]>([
    ['rejects', async () => Promise.reject(new Error('down')), 'down'],
    [
      'throws at once',
      () => {
        throw new Error('down')
      },
      'down',
    ],
    [
      'misspells an option',
      async (issuer) => Object.assign(optionsOf(issuer), { audiences: 'a' }),
      'requireBearer: unknown option "audiences". Did you mean "audience"?',
    ],
    [
      'gives those of another issuer',
      async () => optionsOf('https://x.test'),
      'resolve() returned the options of https://x.test',
    ],
  ])('takes it for an outage where resolve() %s, and remembers nothing', async (_n, bad, why) => {
    resolve.mockImplementationOnce(bad)
    expect(await failure()).toBe(`The issuer ${ISSUER} could not be resolved: ${why}`)
    expect(await find()).toBeInstanceOf(Answer)
  })

  it('waits 2.5 seconds for resolve(), and no longer', async () => {
    resolve.mockImplementationOnce(() => new Promise(nothing))
    const failing = failure()
    await timer.advance(2499)
    expect(lookup.isUnderWay(ISSUER)).toBe(true)
    await timer.advance(1)
    expect(await failing).toMatch(/could not be resolved: No answer within 2500 ms$/)
    expect(lookup.isUnderWay(ISSUER)).toBe(false)
  })

  it('is an outage for whoever has waited too long for room', async () => {
    resolve.mockImplementation(() => new Promise(nothing))
    for (let count = 0; count < 100; count += 1) void find(`https://x.test/${count}`)
    const waiting = failure()
    await timer.advance(1000)
    expect(resolve).toHaveBeenCalledTimes(100)
    expect(await waiting).toContain('room to resolve another issuer')
  })

  it('has whoever waits for room go by what others have found', async () => {
    let answer: Answer | undefined
    resolve.mockImplementation(() => new Promise(nothing))
    for (let count = 0; count < 100; count += 1) void find(`https://x.test/${count}`)
    const waiting = find(ISSUER, () => answer)
    answer = {} as Answer
    await timer.advance(2500)
    expect(await waiting).toBe(answer)
    expect(resolve).toHaveBeenCalledTimes(100)
  })

  describe('an issuer in hand', () => {
    let held: Answer

    beforeEach(async () => {
      held = (await find()) as Answer
      answers.add(ISSUER, held)
    })

    it('stays what it is where resolve() says the same', async () => {
      expect(await find()).toBe(held)
    })

    it('is replaced, with the keys that are still its own', async () => {
      resolve.mockResolvedValue(optionsOf(ISSUER, { audience: 'b' }))
      const answer = (await find()) as Answer
      expect(answer).not.toBe(held)
      expect(answers.peek(ISSUER)).toBe(answer)
      expect(answer.keys).toBe(held.keys)
      expect([held.believed, answer.keys.generation()]).toEqual([false, 1])
    })

    it('is replaced by one with other keys, and its own are closed', async () => {
      resolve.mockResolvedValue(optionsOf(ISSUER, { secret: Buffer.alloc(32, 2) }))
      const answer = (await find()) as Answer
      expect([held.keys.generation(), answer.keys.generation()]).toEqual([0, 1])
    })
  })
})

describe('unresolved', () => {
  it('is an outage, and never the fault of a token', () => {
    const cause = new Error('down')
    expect(unresolved('i', cause)).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'issuer_unresolved',
      detail: 'The issuer i could not be resolved: down',
      cause,
    })
  })
})
