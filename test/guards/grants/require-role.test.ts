import { describe, expect, it } from '@jest/globals'
import { requireAnyRole, requireRole } from '../../../lib/guards/grants/require-role.js'
import { authWith, behindBearer } from '../../support/behind-bearer.js'

/** Scopes and permissions of the same names must not do. */
const withRoles = (...names: string[]): ReturnType<typeof authWith> =>
  authWith({
    roles: new Set(names),
    scopes: new Set(['admin', 'editor']),
    permissions: new Set(['admin', 'editor']),
  })

describe.each([
  ['requireRole', requireRole, false],
  ['requireAnyRole', requireAnyRole, true],
] as const)('%s', (name, factory, oneIsEnough) => {
  it.each<[string, string[], boolean]>([
    ['all of them', ['admin', 'editor', 'other'], true],
    ['one of them', ['editor'], oneIsEnough],
    ['none of them', ['other'], false],
    ['nothing', [], false],
  ])('of two roles, with %s', (_name, granted, passes) => {
    for (const guard of [factory(['admin', 'editor']), factory('admin', 'editor')]) {
      const passage = behindBearer(guard, withRoles(...granted))
      expect(passage === 'next').toBe(passes)
    }
  })

  it('refuses as role_missing, and names no scope in the challenge', () => {
    const detail = `Needs the role admin${oneIsEnough ? ', or ' : ' and '}editor`
    expect(behindBearer(factory('admin', 'editor'), withRoles())).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      reason: 'role_missing',
      detail,
      challenge: expect.not.stringContaining('scope='),
    })
  })

  it('wants roles, by its own name', () => {
    expect(() => factory()).toThrow(`${name}: "roles" must be a non-empty string`)
    expect(() => factory(['admin', ''])).toThrow(`${name}: "roles" must be`)
    expect(() => factory(['admin'], { onRefuse: 7 as never })).toThrow(
      `${name}: "onRefuse" must be`,
    )
  })
})
