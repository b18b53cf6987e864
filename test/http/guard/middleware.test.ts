import { describe, expect, it } from '@jest/globals'
import { answerBy } from '../../../lib/http/guard/middleware.js'

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
