import { describe, expect, it } from '@jest/globals'
import {
  requireAnyPermission,
  requirePermission,
} from '../../../lib/guards/grants/require-permission.js'
import { authWith, behindBearer } from '../../support/behind-bearer.js'

/** Scopes and roles of the same names must not do. */
const withPermissions = (...names: string[]): ReturnType<typeof authWith> =>
  authWith({
    permissions: new Set(names),
    scopes: new Set(['read', 'write']),
    roles: new Set(['read', 'write']),
  })

describe.each([
  ['requirePermission', requirePermission, false],
  ['requireAnyPermission', requireAnyPermission, true],
] as const)('%s', (name, factory, oneIsEnough) => {
  it.each<[string, string[], boolean]>([
    ['all of them', ['read', 'write', 'other'], true],
    ['one of them', ['write'], oneIsEnough],
    ['none of them', ['other'], false],
    ['nothing', [], false],
  ])('of two permissions, with %s', (_name, granted, passes) => {
    for (const guard of [factory(['read', 'write']), factory('read', 'write')]) {
      const passage = behindBearer(guard, withPermissions(...granted))
      expect(passage === 'next').toBe(passes)
    }
  })

  it('refuses as permission_missing, and names no scope in the challenge', () => {
    const detail = `Needs the permission read${oneIsEnough ? ', or ' : ' and '}write`
    expect(behindBearer(factory('read', 'write'), withPermissions())).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      reason: 'permission_missing',
      detail,
      challenge: expect.not.stringContaining('scope='),
    })
  })

  it('wants permissions, by its own name', () => {
    expect(() => factory()).toThrow(`${name}: "permissions" must be a non-empty string`)
    expect(() => factory(['read', ''])).toThrow(`${name}: "permissions" must be`)
    expect(() => factory(['read'], { onRefuse: 7 as never })).toThrow(`${name}: "onRefuse" must be`)
  })
})
