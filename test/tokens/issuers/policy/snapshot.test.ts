import { createSecretKey } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { snapshot } from '../../../../lib/tokens/issuers/policy/snapshot.js'

const rule = (): undefined => undefined
const key = (byte: number): object => createSecretKey(Buffer.alloc(32, byte))

describe('snapshot', () => {
  it.each<[string, unknown, unknown]>([
    ['texts', { issuer: 'a' }, { issuer: 'b' }],
    ['lists within objects', { claims: { roles: ['a'] } }, { claims: { roles: ['b'] } }],
    ['URLs', { jwksUri: new URL('https://a.test') }, { jwksUri: new URL('https://b.test') }],
    ['bytes', { secret: Buffer.alloc(32, 1) }, { secret: Buffer.alloc(32, 2) }],
    ['key objects', { secret: key(1) }, { secret: key(2) }],
    ['functions that read alike', { validate: () => 1 }, { validate: () => 1 }],
    ['a member that is gone', { audience: 'a', clientId: 'c' }, { audience: 'a' }],
  ])('tells %s apart', (_name, one, other) => {
    expect(isDeepStrictEqual(snapshot(one), snapshot(other))).toBe(false)
  })

  it.each<[string, unknown, unknown]>([
    ['what is written alike', { claims: { roles: ['a'] } }, { claims: { roles: ['a'] } }],
    ['a URL and its text', { jwksUri: new URL('https://a.test/') }, { jwksUri: 'https://a.test/' }],
    ['equal bytes', { secret: Buffer.alloc(32, 1) }, { secret: new Uint8Array(32).fill(1) }],
    ['equal keys', { secret: key(1) }, { secret: key(1) }],
    ['the same function', { validate: rule }, { validate: rule }],
    [
      'a member that is undefined and none',
      { audience: 'a', clientId: undefined },
      { audience: 'a' },
    ],
  ])('takes %s for the same', (_name, one, other) => {
    expect(isDeepStrictEqual(snapshot(one), snapshot(other))).toBe(true)
  })

  it('does not follow an object that the app changes in place', () => {
    const options = { audience: ['a'], secret: Buffer.alloc(32, 1), claims: { roles: ['r'] } }
    const before = snapshot(options)
    options.audience.push('b')
    options.secret.fill(2)
    options.claims.roles.push('s')
    expect(before).toEqual({
      audience: ['a'],
      secret: new Uint8Array(32).fill(1),
      claims: { roles: ['r'] },
    })
  })

  it('ends with options that contain themselves', () => {
    const options: Record<string, unknown> = {}
    options['self'] = options
    expect(() => snapshot(options)).not.toThrow()
  })
})
