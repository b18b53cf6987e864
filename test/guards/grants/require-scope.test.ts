import { describe, expect, it } from '@jest/globals'
import { requireAnyScope, requireScope } from '../../../lib/guards/grants/require-scope.js'
import { scopesOf } from '../../../lib/http/guard/protection.js'
import { authWith, behindBearer, type Passage } from '../../support/behind-bearer.js'

/** Roles and permissions of the same names must not do. */
const withScopes = (...names: string[]): ReturnType<typeof authWith> => {
  const others = new Set(['a', 'b', 'c'])
  return authWith({ scopes: new Set(names), roles: others, permissions: others })
}

const challengeOf = (passage: 'next' | Error | Passage): string =>
  /scope="[^"]*"/.exec((passage as Passage).challenge)?.[0] ?? ''

describe('requireScope', () => {
  it.each<[string, string[], boolean]>([
    ['all of them', ['a', 'b', 'c'], true],
    ['one of them', ['a'], false],
    ['one that begins alike', ['ab'], false],
    ['none', [], false],
  ])('of two scopes, with %s', (_name, granted, passes) => {
    for (const guard of [requireScope('a', 'b'), requireScope(['a', 'b']), requireScope('a b')]) {
      expect(behindBearer(guard, withScopes(...granted)) === 'next').toBe(passes)
    }
  })

  it('names all of them in the challenge, once each, and beside the guard (9700-03)', () => {
    const guard = requireScope('a b', 'b')
    const passage = behindBearer(guard, withScopes())
    expect(passage).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      reason: 'scope_missing',
    })
    expect(challengeOf(passage)).toBe('scope="a b"')
    expect(scopesOf(guard)).toEqual(['a', 'b'])
  })

  it('names them to an anonymous request', () => {
    const passage = behindBearer(requireScope('a b'), undefined)
    expect(passage).toMatchObject({ status: 401 })
    expect(challengeOf(passage)).toBe('scope="a b"')
  })
})

describe('requireAnyScope', () => {
  it.each<[string, string[], boolean]>([
    ['the first', ['a', 'b'], true],
    ['the second', ['c'], true],
    ['a part of the first', ['a'], false],
    ['none', [], false],
  ])('of two alternatives, with %s', (_name, granted, passes) => {
    for (const guard of [requireAnyScope('a b', 'c'), requireAnyScope(['a b', 'c'])]) {
      expect(behindBearer(guard, withScopes(...granted)) === 'next').toBe(passes)
    }
  })

  it('names the first alternative in the challenge, and all of them beside the guard', () => {
    const guard = requireAnyScope('a b', 'c')
    const passage = behindBearer(guard, withScopes())
    expect(passage).toMatchObject({
      reason: 'scope_missing',
      detail: 'Needs the scope a and b, or c',
    })
    expect(challengeOf(passage)).toBe('scope="a b"')
    expect(scopesOf(guard)).toEqual(['a', 'b', 'c'])
  })
})

describe.each([
  ['requireScope', requireScope, 'scopes'],
  ['requireAnyScope', requireAnyScope, 'alternatives'],
] as const)('%s at construction', (name, factory, option) => {
  it.each([
    ['no scope', [], `"${option}" must be a non-empty string`],
    ['spaces alone', ['  '], '"scopes" must be scopes like "notes:read"'],
    ['a quote', ['a"b'], '"scopes" must be scopes like "notes:read": printable ASCII'],
    ['a tab, which parts nothing', ['a\tb'], '"scopes" must be scopes like "notes:read"'],
  ])('refuses %s', (_name, scopes, complaint) => {
    expect(() => factory(...scopes)).toThrow(`${name}: ${complaint}`)
  })

  it('shows the one that is bad', () => {
    expect(() => factory('good', 'b\\d')).toThrow('got "b\\\\d"')
  })

  it('takes onRefuse, and nothing else', () => {
    expect(() => factory(['a'], { onRefuse: () => undefined })).not.toThrow()
    expect(() => factory(['a'], { onrefuse: 7 } as never)).toThrow(
      `${name}: unknown option "onrefuse"`,
    )
  })
})
