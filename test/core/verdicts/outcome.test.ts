import { describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { andThen, attempt } from '../../../lib/core/verdicts/outcome.js'

const refusal = invalidToken('expired')
const twice = (value: number): number => value * 2

describe('andThen', () => {
  it.each([
    ['a value', 2, 4],
    ['undefined, which is a value', undefined, Number.NaN],
    ['a refusal', refusal, refusal],
  ])('takes the step at once for %s, unless it is a refusal', (_name, outcome, expected) => {
    expect(andThen(outcome as number, twice)).toBe(expected)
  })

  it.each([
    ['a value', 2, 4],
    ['a refusal', refusal, refusal],
  ])('takes it later for a promise of %s', async (_name, outcome, expected) => {
    const later = andThen(Promise.resolve(outcome), twice)
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(expected)
  })

  it('hands on what the step refuses, at once or later', async () => {
    expect(andThen(1, () => refusal)).toBe(refusal)
    expect(await andThen(1, () => Promise.resolve(refusal))).toBe(refusal)
    expect(await andThen(Promise.resolve(1), () => Promise.resolve(refusal))).toBe(refusal)
  })

  it('leaves a fault of the program thrown', async () => {
    const fault = new Error('a fault')
    const step = (): never => {
      throw fault
    }
    expect(() => andThen(1, step)).toThrow(fault)
    await expect(andThen(Promise.resolve(1), step)).rejects.toBe(fault)
    await expect(andThen(Promise.reject(fault), twice)).rejects.toBe(fault)
  })
})

const throwing = (error: unknown) => (): never => {
  throw error
}
const rejecting = (error: unknown) => async (): Promise<never> => {
  throw error
}

describe('attempt', () => {
  it('returns what the step returns, at once or later', async () => {
    expect(attempt(() => 1)).toBe(1)
    expect(attempt(() => refusal)).toBe(refusal)
    expect(await attempt(() => Promise.resolve(1))).toBe(1)
  })

  it('makes a promise of whatever else can be awaited, such as a query builder', async () => {
    // oxlint-disable-next-line unicorn/no-thenable
    const query = { then: (resolve: (value: number) => void) => resolve(1) } as PromiseLike<number>
    const outcome = attempt(() => query)
    expect(outcome).toBeInstanceOf(Promise)
    expect(await outcome).toBe(1)
  })

  it('makes a value of a refusal that is thrown or rejected', async () => {
    expect(attempt(throwing(refusal))).toBe(refusal)
    expect(await attempt(rejecting(refusal))).toBe(refusal)
  })

  it('throws again what says nothing about the request', async () => {
    const fault = new TypeError('a fault')
    expect(() => attempt(throwing(fault))).toThrow(fault)
    await expect(attempt(rejecting(fault))).rejects.toBe(fault)
  })

  it.each([
    ['an error', new Error('bad')],
    ['no error at all', 'bad'],
    ['nothing', undefined],
  ])('asks what it means where %s is thrown', async (_name, error) => {
    const seen: unknown[] = []
    const meaning = (thrown: unknown): AuthError => {
      seen.push(thrown)
      return refusal
    }
    expect(attempt(throwing(error), meaning)).toBe(refusal)
    expect(await attempt(rejecting(error), meaning)).toBe(refusal)
    expect(seen).toEqual([error, error])
  })
})
