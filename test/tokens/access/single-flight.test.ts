import { beforeEach, describe, expect, it } from '@jest/globals'
import { invalidToken } from '../../../lib/core/verdicts/errors.js'
import { NOBODY, type Sender } from '../../../lib/core/queue/sender.js'
import { SingleFlight } from '../../../lib/tokens/access/single-flight.js'
import { senderOf } from '../../support/senders.js'

interface Check {
  readonly result: Promise<string>
  readonly finish: (value: string) => void
  readonly fail: (error: Error) => void
}

function check(): Check {
  let finish!: Check['finish']
  let fail!: Check['fail']
  const result = new Promise<string>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  return { result, finish, fail }
}

/** Found in one place, being of one length and one end. */
const [A, B] = ['a', 'b'].map((start) => start + 'x'.repeat(32)) as [string, string]

let flight: SingleFlight<string>
let begun: Check[]

beforeEach(() => {
  flight = new SingleFlight()
  begun = []
})

function join(credentialText: string): Promise<string> {
  return flight.run(credentialText, NOBODY, () => {
    const one = check()
    begun.push(one)
    return one.result
  }) as Promise<string>
}

describe('SingleFlight', () => {
  it('checks once what is presented several times at once', async () => {
    const results = [join(A), join(A), join(A)]
    begun[0]!.finish('good')
    expect(await Promise.all(results)).toEqual(['good', 'good', 'good'])
    expect(begun).toHaveLength(1)
  })

  it('begins anew once a check has ended, well or badly', async () => {
    const first = join(A)
    begun[0]!.finish('good')
    await first
    const second = join(A)
    begun[1]!.fail(new Error('outage'))
    await expect(second).rejects.toThrow('outage')
    void join(A)
    expect(begun).toHaveLength(3)
  })

  it('tells apart what is found in one place, and lets each end for itself', async () => {
    const [one, other] = [join(A), join(B)]
    expect(begun).toHaveLength(2)
    begun[0]!.finish('a')
    expect(await one).toBe('a')
    // The check of A has ended, and that of B is still there to be joined.
    const joined = join(B)
    expect(begun).toHaveLength(2)
    begun[1]!.finish('b')
    expect(await Promise.all([other, joined])).toEqual(['b', 'b'])
  })
  it('works for all who join, under the name of the first, until each of them has gone', () => {
    const [first, second] = [senderOf('one', 1), senderOf('two', 2)]
    let all: Sender | undefined
    const begin = (sender: Sender): Promise<string> => {
      all = sender
      return new Promise(() => undefined)
    }
    void flight.run(A, first, begin)
    void flight.run(A, second, begin)
    expect(all).toMatchObject({ network: 'one', arrivedAt: 1 })
    expect(all!.gone).toBe(false)
    first.gone = true
    expect(all!.gone).toBe(false)
    second.gone = true
    expect(all!.gone).toBe(true)
  })

  it('keeps nothing of what is refused or fails at once', () => {
    const refusal = invalidToken('expired')
    expect(flight.run(A, NOBODY, () => refusal)).toBe(refusal)
    const throws = (): never => {
      throw refusal
    }
    expect(() => flight.run(A, NOBODY, throws)).toThrow(refusal)
    void join(A)
    expect(begun).toHaveLength(1)
  })
})
