import { describe, expect, it } from '@jest/globals'
import { inspect } from 'node:util'
import { MISREAD } from '../../../lib/core/auth/misread.js'

const auth = Object.freeze({ __proto__: MISREAD, subject: 'alice' }) as Record<string, unknown>

describe('a name that other packages have', () => {
  it.each([
    ['sub', /req\.auth has no "sub": the user is authOf\(req\)\.subject/],
    ['payload', /req\.auth has no "payload": every claim is in authOf\(req\)\.claims/],
  ])('is an error where it is read: %s', (name, message) => {
    expect(() => auth[name]).toThrow(message)
    expect(() => auth[name]).toThrow(TypeError)
  })

  it('is met by nothing that copies, lists, compares, writes or prints', () => {
    const names: string[] = []
    // oxlint-disable-next-line guard-for-in -- what is inherited is the question
    for (const name in auth) names.push(name)
    expect(names).toEqual(['subject'])
    expect({ ...auth }).toEqual({ subject: 'alice' })
    expect(auth).toEqual({ subject: 'alice' })
    expect(JSON.stringify(auth)).toBe('{"subject":"alice"}')
    expect(structuredClone(auth)).toEqual({ subject: 'alice' })
    expect(inspect(auth)).toBe("{ subject: 'alice' }")
  })

  it('leaves what every object has', () => {
    expect('toString' in auth).toBe(true)
    expect(auth['email']).toBeUndefined()
  })
})
