import { describe, expect, it } from '@jest/globals'
import { requireAuthorizationDetails } from '../../../lib/guards/grants/require-authorization-details.js'
import { authWith, behindBearer } from '../../support/behind-bearer.js'

const PAYMENT = { type: 'payment', actions: ['initiate', 'status'] }
const guard = requireAuthorizationDetails(() => ({ type: 'payment', actions: ['initiate'] }))
const granting = (details: unknown): ReturnType<typeof authWith> =>
  authWith({ claims: { authorization_details: details } })

describe('requireAuthorizationDetails', () => {
  it.each<[string, unknown, boolean]>([
    ['an entry that is more', [PAYMENT], true],
    ['several entries, one of which is enough', [{ type: 'other' }, PAYMENT], true],
    ['an entry of another type', [{ ...PAYMENT, type: 'other' }], false],
    ['an entry without the action', [{ ...PAYMENT, actions: ['status'] }], false],
    ['an entry that is bound to a place', [{ ...PAYMENT, locations: ['https://a.test'] }], false],
    ['no entry', [], false],
    ['no claim', undefined, false],
    ['a claim that is no list', PAYMENT, false],
  ])('of a token with %s', (_name, details, passes) => {
    expect(behindBearer(guard, granting(details)) === 'next').toBe(passes)
  })

  it('reads no claim that the token does not own', () => {
    const claims = Object.create({ authorization_details: [PAYMENT] }) as Record<string, unknown>
    expect(behindBearer(guard, authWith({ claims }))).toMatchObject({ status: 403 })
  })

  it('refuses by the type that was needed', () => {
    expect(behindBearer(guard, granting([]))).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      reason: 'authorization_details_missing',
      detail: 'No entry of the type payment is at least what this request needs',
    })
  })

  it('asks for what this request needs', () => {
    const byPath = requireAuthorizationDetails(({ url = '' }) => ({ type: url.slice(1) }))
    expect(behindBearer(byPath, granting([{ type: 'payment' }]), '/payment')).toBe('next')
    expect(behindBearer(byPath, granting([{ type: 'payment' }]), '/account')).toMatchObject({
      status: 403,
    })
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['an object without a type', () => ({ actions: [] })],
    ['a type that is no text', () => ({ type: 7 })],
    ['a promise', async () => PAYMENT],
    ['a rejected promise', async () => Promise.reject(new Error('later'))],
  ])('fails where the function returns %s', (_name, needed) => {
    const odd = requireAuthorizationDetails(needed as never)
    expect(behindBearer(odd, granting([PAYMENT]))).toEqual(
      new TypeError(
        'requireAuthorizationDetails: the function must return an object with a "type", at once',
      ),
    )
  })

  it('wants a function', () => {
    expect(() => requireAuthorizationDetails(PAYMENT as never)).toThrow(
      'requireAuthorizationDetails: "needed" must be a function that returns a detail',
    )
  })
})
