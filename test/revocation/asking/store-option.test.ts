import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { memoryRevocationStore } from '../../../lib/revocation/memory/memory-store.js'
import { requireChecker, requireStore } from '../../../lib/revocation/asking/store-option.js'

const check = optionCheck('guard')
const fn = (): undefined => undefined
const CHECKER = { check: fn }
const STORE = { check: fn, revokeToken: fn, revokeSession: fn, revokeSubject: fn }
const without = (name: keyof typeof STORE): object => ({ ...STORE, [name]: undefined })

function complaintOf(call: () => void): string {
  try {
    call()
    return ''
  } catch (error) {
    return (error as Error).message.split(', got ')[0]!
  }
}

describe('a store that is given as an option', () => {
  it.each<[string, unknown, boolean, boolean]>([
    ['ours', memoryRevocationStore(), true, true],
    ['one that can only be asked', CHECKER, true, false],
    ['one that has all that a logout needs', STORE, true, true],
    ['one that cannot be asked', without('check'), false, false],
    ['one that revokes no token', without('revokeToken'), true, false],
    ['one that revokes no session', without('revokeSession'), true, false],
    ['one that revokes no user', without('revokeSubject'), true, false],
    ['one whose check is no function', { ...STORE, check: true }, false, false],
    ['nothing', undefined, false, false],
    ['null', null, false, false],
    ['a URL', 'redis://localhost', false, false],
    ['a list', [CHECKER], false, false],
  ])('%s', (_name, store, asked, revokes) => {
    const complaint = 'guard: "store" must be a RevocationStore like memoryRevocationStore()'
    expect(complaintOf(() => requireChecker(check, store as never))).toBe(asked ? '' : complaint)
    expect(complaintOf(() => requireStore(check, store as never))).toBe(revokes ? '' : complaint)
  })

  it('is made of Redis by the store for it, and not by the guard', () => {
    expect(complaintOf(() => requireStore(check, { redis: 'redis://localhost' } as never))).toBe(
      'guard: "store" must be a RevocationStore like redisRevocationStore({ redis })',
    )
  })

  it('is no request: the guard was mounted without being called', () => {
    const request = { headers: {}, socket: {} }
    expect(complaintOf(() => requireStore(check, request as never))).toBe(
      'guard: it makes a guard, and got a request. Call it: app.use(guard(...))',
    )
  })
})
