import { describe, expect, it } from '@jest/globals'
import {
  requireAnyPermission,
  requireAnyRole,
  requireAnyScope,
  requirePermission,
  requireRole,
  requireScope,
  type GuardOptions,
  type Middleware,
} from '../../../lib/index.js'
import { expectRefusal } from '../../../tools/api.js'
import { startGuarded, withGuard, type Claims } from '../../support/guarded.js'

type Factory = (names: string | readonly string[], options?: GuardOptions) => Middleware

/** The three kinds of names a token carries; all guards over them keep the same rules. */
const KINDS = [
  {
    all: requireScope,
    any: requireAnyScope as Factory,
    claim: 'scope',
    reason: 'scope_missing',
    /** What the challenge names. */
    scope: 'a b',
  },
  {
    all: requireRole,
    any: requireAnyRole as Factory,
    claim: 'roles',
    reason: 'role_missing',
    scope: undefined,
  },
  {
    all: requirePermission,
    any: requireAnyPermission as Factory,
    claim: 'permissions',
    reason: 'permission_missing',
    scope: undefined,
  },
] as const

describe.each(KINDS)('$all.name', ({ all, claim, reason, scope }) => {
  it.each<[readonly string[] | undefined, number]>([
    [['a', 'b'], 200],
    [['b', 'c', 'a'], 200],
    [['a'], 403],
    [['ab', 'a b'.slice(2)], 403],
    [['A', 'B'], 403],
    [[], 403],
    [undefined, 403],
  ])('asks for all of a and b: %j gets %i (9068-11)', async (granted, status) => {
    await withGuard(all(['a', 'b']), async (api) => {
      expect((await api.get({ [claim]: granted })).status).toBe(status)
    })
  })

  it('refuses with 403 and tells the event what was needed (9068-11, 6750-20)', async () => {
    await withGuard(all(['a', 'b']), async (api) => {
      expectRefusal(await api.get({ [claim]: ['a'] }), 'insufficient_scope', scope)
      const detail = expect.stringMatching(/^Needs the \w+ a and b$/) as unknown
      expect(api.refusal()).toMatchObject({ reason, detail })
    })
  })

  it('takes one name for a list of one', async () => {
    await withGuard(all('a'), async (api) => {
      expect((await api.get({ [claim]: ['a'] })).status).toBe(200)
      expect((await api.get({ [claim]: ['b'] })).status).toBe(403)
    })
  })

  it.each<[string, readonly unknown[]]>([
    ['one by one', ['a', 'b']],
    ['one by one, and options', ['a', 'b', {}]],
    ['one by one, and options that are undefined', ['a', 'b', undefined]],
    ['a list and one more', [['a'], 'b']],
    ['one and a list', ['a', ['b']]],
  ])('means all of them: %s', async (_name, args) => {
    const guard = (all as (...names: readonly unknown[]) => Middleware)(...args)
    await withGuard(guard, async (api) => {
      expect((await api.get({ [claim]: ['a'] })).status).toBe(403)
      expect((await api.get({ [claim]: ['b'] })).status).toBe(403)
      expect((await api.get({ [claim]: ['a', 'b'] })).status).toBe(200)
    })
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'size', 'has'])(
    'grants nobody %s, which every object has',
    async (name) => {
      await withGuard(all(name), async (api) => {
        for (const granted of [[], ['a'], undefined]) {
          expect((await api.get({ [claim]: granted })).status).toBe(403)
        }
        expect((await api.get({ [claim]: [name] })).status).toBe(200)
      })
    },
  )

  it('asks an anonymous request for a token', async () => {
    const api = await startGuarded(all(['a', 'b']), { optional: true })
    expectRefusal(await api.anonymous(), 'no_credential', scope)
    await api.close()
  })

  it.each([[''], [[]], [['a', '']], [undefined], [null], [7], [['a', 7]], [{}]])(
    'refuses %j at construction: a guard that asks for nothing would let everybody pass',
    (names) => {
      expect(() => all(names as string)).toThrow(TypeError)
    },
  )

  it('is a fault of the program where no requireBearer ran before', () => {
    const faults: unknown[] = []
    all('a')({} as never, {} as never, (fault) => faults.push(fault))
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining('first') })])
  })

  it('refuses a misspelt option at construction', () => {
    expect(() => all('a', { onRefused: () => {} } as GuardOptions)).toThrow(/"onRefuse"/)
    expect(() => all('a', { onRefuse: 403 as never })).toThrow(/"onRefuse" must be a function/)
  })

  it('lets the app answer by onRefuse', async () => {
    const teapot = all('a', {
      onRefuse(error, _req, res) {
        res.statusCode = 418
        res.end(error.reason)
      },
    })
    await withGuard(teapot, async (api) => {
      const response = await api.get({ [claim]: [] })
      expect([response.status, response.text]).toEqual([418, reason])
    })
  })
})

describe.each(KINDS)('$any.name', ({ any, claim, reason }) => {
  it.each<[readonly string[], number]>([
    [['a'], 200],
    [['b'], 200],
    [['c', 'b'], 200],
    [['c'], 403],
    [[], 403],
  ])('asks for one of a and b: %j gets %i (9068-11)', async (granted, status) => {
    await withGuard(any(['a', 'b']), async (api) => {
      expect((await api.get({ [claim]: granted })).status).toBe(status)
    })
  })

  it('means one of them where they are given one by one', async () => {
    const guard = (any as unknown as (...names: readonly string[]) => Middleware)('a', 'b')
    await withGuard(guard, async (api) => {
      expect((await api.get({ [claim]: ['b'] })).status).toBe(200)
      expect((await api.get({ [claim]: ['c'] })).status).toBe(403)
    })
  })

  it('tells the event what would have been enough', async () => {
    await withGuard(any(['a', 'b']), async (api) => {
      await api.get({ [claim]: [] })
      const detail = expect.stringMatching(/^Needs the \w+ a, or b$/) as unknown
      expect(api.refusal()).toMatchObject({ reason, detail })
    })
  })

  it('refuses an empty list at construction', () => {
    expect(() => any([])).toThrow(TypeError)
  })
})

describe('requireAnyScope', () => {
  it.each<[string, number]>([
    ['profile email', 200],
    ['admin', 200],
    ['profile', 403],
    ['email', 403],
  ])('takes (profile and email) or admin: "%s" gets %i', async (granted, status) => {
    await withGuard(requireAnyScope(['profile email', 'admin']), async (api) => {
      expect((await api.get({ scope: granted })).status).toBe(status)
    })
  })
})

describe('names of roles', () => {
  it.each<[string, Claims, number]>([
    ['a list of strings (9068-13)', { roles: ['viewer', 'admin'] }, 200],
    ['a list of { value } (9068-13)', { roles: [{ value: 'admin', primary: true }] }, 200],
    ['one string', { roles: 'admin' }, 200],
    ['an object of names', { roles: { admin: { tenant: 'a' } } }, 200],
    ['a display name only (9068-13)', { roles: [{ display: 'admin', value: 'user' }] }, 403],
    ['a list in a list', { roles: [['admin']] }, 403],
    ['a string with spaces', { roles: 'viewer admin' }, 403],
    ['true', { roles: true }, 403],
    ['null', { roles: null }, 403],
    ['numbers', { roles: [1, 2] }, 403],
    ['another claim', { role: ['admin'] }, 403],
  ])('may come as %s', async (_name, claims, status) => {
    await withGuard(requireRole('admin'), async (api) => {
      expect((await api.get(claims)).status).toBe(status)
    })
  })

  it.each<[string, Claims, number]>([
    ['realm_access.roles', { realm_access: { roles: ['admin'] } }, 200],
    ['https://example.com/roles', { 'https://example.com/roles': ['admin'] }, 200],
    ['groups', { groups: [{ value: 'admin' }] }, 200],
    ['entitlements', { entitlements: ['admin'] }, 200],
    ['constructor.name', {}, 403],
    ['__proto__', {}, 403],
    ['realm_access.roles', { realm_access: ['admin'] }, 403],
  ])('may be read at %s (9068-11, 9068-13)', async (rolesClaim, claims, status) => {
    const api = await startGuarded(requireRole('admin'), { claims: { roles: rolesClaim } })
    expect((await api.get(claims)).status).toBe(status)
    await api.close()
  })
})
