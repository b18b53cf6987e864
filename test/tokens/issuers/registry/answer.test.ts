import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { KeySource } from '../../../../lib/keys/key-source.js'
import type { IssuerOptions } from '../../../../lib/tokens/issuers/policy/options.js'
import { Answer } from '../../../../lib/tokens/issuers/registry/answer.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'
import { ISSUER, policyOf } from '../../../support/policy.js'

const SECOND = 1000
const lifetime = { ttlMs: 100 * SECOND, maxStaleMs: 50 * SECOND }
const policy = policyOf()
const down = new Error('down')

let timer: ManualTimer
let answer: Answer

function optionsWith(changes: Partial<IssuerOptions> = {}): IssuerOptions {
  const options = { issuer: ISSUER, audience: 'a', secret: Buffer.alloc(32, 1), ...changes }
  return options as IssuerOptions
}

function answerOf(options: IssuerOptions, kept?: KeySource): Answer {
  return new Answer(policy, options, { lifetime, timer, kept })
}

function closing(): { readonly keys: KeySource; readonly close: jest.Mock } {
  const close = jest.fn()
  return { keys: { ...policy.keys, close }, close }
}

/** Until it is due to be asked for again, in milliseconds. */
async function untilDue(): Promise<number> {
  const since = timer.now()
  while (!answer.due) await timer.advance(100)
  return timer.now() - since
}

beforeEach(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0)
  timer = manualTimer()
  answer = answerOf(optionsWith())
})

describe('an answer of resolve()', () => {
  it('is believed for its lifetime, and its keys with it', async () => {
    const [key] = [...(policy.keys.find(undefined) as never[])]
    await timer.advance(100 * SECOND - 1)
    expect([answer.believed, answer.policy.keys.holds(key!)]).toEqual([true, true])
    await timer.advance(1)
    expect([answer.believed, answer.policy.keys.holds(key!)]).toEqual([false, false])
  })

  it('is due to be asked for again in the last tenth', async () => {
    await timer.advance(90 * SECOND - 1)
    expect(answer.due).toBe(false)
    await timer.advance(1)
    expect(answer.due).toBe(true)
  })

  it('is not due again at once where resolve() fails', async () => {
    await timer.advance(90 * SECOND)
    answer.failed(down)
    expect(answer.due).toBe(false)
    const waited = await untilDue()
    expect(waited).toBeGreaterThan(0)
    answer.failed(down)
    answer.failed(down)
    expect(await untilDue()).toBeGreaterThan(waited)
  })

  it('serves on past its lifetime while resolve() fails, and no longer', async () => {
    await timer.advance(100 * SECOND)
    expect(answer.believed).toBe(false)
    answer.failed(down)
    expect(answer.believed).toBe(true)
    for (let second = 1; second < 50; second += 1) {
      await timer.advance(SECOND)
      answer.failed(down)
      expect(answer.believed).toBe(true)
    }
    await timer.advance(SECOND)
    answer.failed(down)
    expect(answer.believed).toBe(false)
  })

  it('is excused by a failure of just now alone', async () => {
    await timer.advance(99 * SECOND)
    answer.failed(down)
    // The next try is due after half a second, and must have been made within five more.
    await timer.advance(5499)
    expect(answer.believed).toBe(true)
    await timer.advance(1)
    expect(answer.believed).toBe(false)
  })

  it('fails once for all who waited for one call', async () => {
    await timer.advance(90 * SECOND)
    for (let count = 0; count < 5; count += 1) answer.failed(down)
    await timer.advance(499)
    expect(answer.due).toBe(false)
    await timer.advance(1)
    expect([answer.due, answer.renewing]).toEqual([true, false])
  })
})

describe('an answer that is given again', () => {
  it('counts anew where it says the same', async () => {
    await timer.advance(99 * SECOND)
    answer.failed(down)
    expect(answer.renew(optionsWith({ clientId: undefined }))).toBe(true)
    expect(answer.due).toBe(false)
    await timer.advance(90 * SECOND)
    expect([answer.believed, answer.due]).toEqual([true, true])
  })

  it('does not count anew where it says something else', async () => {
    await timer.advance(99 * SECOND)
    expect(answer.renew(optionsWith({ audience: 'b' }))).toBe(false)
    await timer.advance(SECOND)
    expect(answer.believed).toBe(false)
  })

  it('is compared with what it was, though the app changes its object in place', () => {
    const options = { ...optionsWith(), audience: ['a'] }
    const changing = answerOf(options)
    options.audience.push('b')
    expect(changing.renew(options)).toBe(false)
  })

  it('keeps its keys where they are the same, whatever else is new', () => {
    const kept = answer.keysFor(optionsWith({ audience: 'b', algorithms: ['HS256'] }))
    expect(kept).toBe(policy.keys)
  })

  it.each<[keyof IssuerOptions, unknown]>([
    ['issuer', 'https://x.test'],
    ['discoveryUrl', 'https://x.test'],
    ['jwksUri', 'https://x.test'],
    ['jwks', { keys: [] }],
    ['secret', Buffer.alloc(32, 2)],
    ['keyCache', { ttlSeconds: 1 }],
    ['network', { proxy: false }],
    ['fetchKeys', () => undefined],
  ])('has other keys for another "%s"', (name, value) => {
    expect(answer.keysFor(optionsWith({ [name]: value }))).toBeUndefined()
  })
})

describe('an answer that is replaced', () => {
  it('is believed no more, and closes keys that the other has not', () => {
    const { keys, close } = closing()
    const old = answerOf(optionsWith(), keys)
    old.replaceBy(answerOf(optionsWith()))
    expect(old.believed).toBe(false)
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('hands keys on that the other has too', () => {
    const { keys, close } = closing()
    answerOf(optionsWith(), keys).replaceBy(answerOf(optionsWith(), keys))
    expect(close).not.toHaveBeenCalled()
  })
})
