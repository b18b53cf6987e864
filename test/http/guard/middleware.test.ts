import { describe, expect, it } from '@jest/globals'
import { answerBy, toErrorHandler } from '../../../lib/http/guard/middleware.js'

/** What reaches the app's error handler. */
async function handedOn(answer: () => unknown): Promise<readonly unknown[]> {
  const errors: unknown[] = []
  answerBy((error) => errors.push(error), answer)
  await new Promise(setImmediate)
  return errors
}

/** Query builders return objects like this, which are no promises. */
function withMember(name: string, value: unknown): object {
  return Object.defineProperty({}, name, { value })
}

const fault = new Error('a fault of the app')

describe('answerBy', () => {
  it.each([
    ['returns nothing', () => undefined],
    ['returns something', () => withMember('then', 'soon')],
    ['resolves', async () => fault],
  ])('hands nothing on where the answer %s', async (_name, answer) => {
    expect(await handedOn(answer)).toEqual([])
  })

  it.each([
    [
      'throws',
      () => {
        throw fault
      },
    ],
    ['rejects', async () => Promise.reject(fault)],
    [
      'returns what is no promise, but can be awaited, and fails',
      () =>
        withMember('then', (_resolve: unknown, reject: (error: unknown) => void) => reject(fault)),
    ],
  ])('hands the fault on, once, where the answer %s', async (_name, answer) => {
    expect(await handedOn(answer)).toEqual([fault])
  })
})

function handedTo(failure: unknown): unknown {
  let handed: unknown
  toErrorHandler((error) => (handed = error))(failure)
  return handed
}

describe('toErrorHandler', () => {
  it.each([fault, { status: 418 }, ['a list']])('hands %s on as it is', (failure) => {
    expect(handedTo(failure)).toBe(failure)
  })

  it.each([undefined, null, 0, '', 'route', 'router', Symbol('s')])(
    'makes an error of %p, by which a host could let the request pass',
    (failure) => {
      const { message, cause } = handedTo(failure) as Error
      expect([message, cause]).toEqual([expect.stringContaining('without an error'), failure])
    },
  )
})
