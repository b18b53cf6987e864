import { beforeEach, describe, expect, it } from '@jest/globals'
import { digest, idDigest } from '../../../../lib/revocation/ids.js'
import {
  createKeyNames,
  type EntryKind,
  type KeyNames,
} from '../../../../lib/revocation/redis/schema/key-names.js'

const ISSUER = 'https://id.test'
const ALIAS = digest(ISSUER).slice(0, 16)
const KINDS: readonly [EntryKind, string][] = [
  ['token', 'j'],
  ['session', 'd'],
  ['subject', 's'],
  ['client', 'c'],
  ['version', 'v'],
]

let keys: KeyNames
beforeEach(() => {
  keys = createKeyNames('app', false)
})

describe('the keys of a store', () => {
  it('all lie in one slot of a Cluster', () => {
    const { prefix, lineage, sequence, retiredKinds, log, heartbeat } = keys
    expect({ prefix, lineage, sequence, retiredKinds, log, heartbeat }).toEqual({
      prefix: '{app}:',
      lineage: '{app}:lin',
      sequence: '{app}:seq',
      retiredKinds: '{app}:kin',
      log: '{app}:log',
      heartbeat: '{app}:hb',
    })
  })

  it.each(KINDS)('of a %s begin with %s and an alias of the issuer', (kind, letter) => {
    expect(keys.entry(kind, ISSUER, 'id-1')).toBe(`{app}:${letter}:${ALIAS}:id-1`)
    expect(keys.of(ISSUER)[kind]).toBe(`{app}:${letter}:${ALIAS}:`)
  })

  it('of marks over everyone and over an issuer are told apart', () => {
    expect(keys.all(undefined)).toBe('{app}:g')
    expect(keys.all(ISSUER)).toBe(`{app}:g:${ALIAS}`)
    expect(keys.of(ISSUER)).toMatchObject({ issuer: ISSUER, all: `{app}:g:${ALIAS}` })
  })

  it('beside an entry, and of counts, are none of an entry', () => {
    expect(keys.beside('s:x')).toBe('{app}:rs:x')
    expect(keys.counter('session', ISSUER, 'user-1')).toBe(
      `{app}:n${digest(`{app}:d:${ALIAS}:user-1`).slice(0, 16)}`,
    )
    const counters = [
      keys.counter('token', ISSUER, 'user-1'),
      keys.counter('session', ISSUER, 'user-2'),
      keys.counter('session', 'https://other.test', 'user-1'),
      keys.counter('session', ISSUER, 'user-1'),
    ]
    expect(new Set(counters).size).toBe(4)
  })

  it('of one issuer are the same object each time, of another not', () => {
    const first = keys.of(ISSUER)
    expect(keys.of(ISSUER)).toBe(first)
    expect(keys.of('https://other.test')).not.toBe(first)
    expect(keys.of(ISSUER)).toBe(first)
  })

  it('of more than a thousand issuers are made anew, and come out the same', () => {
    const bounded = createKeyNames('app', false)
    const first = bounded.of(ISSUER)
    for (let n = 0; n < 999; n += 1) bounded.of(`https://${n}.test`)
    expect(bounded.of(ISSUER)).toBe(first)
    bounded.of('https://one-more.test')
    expect(bounded.of(ISSUER)).not.toBe(first)
    expect(bounded.of(ISSUER)).toEqual(first)
  })
})

describe('an id in a key', () => {
  it.each([
    ['is written as it is', 'user-1', 'user-1'],
    ['may hold what ids hold', 'a_B9.:@|+-', 'a_B9.:@|+-'],
    ['is written as it is up to 64 characters', 'x'.repeat(64), 'x'.repeat(64)],
    ['is a digest beyond that', 'x'.repeat(65), idDigest('x'.repeat(65))],
    ['is a digest where it is empty', '', idDigest('')],
    ['is a digest where it looks like one', idDigest('x'), idDigest(idDigest('x'))],
    ['is a digest with a brace, which is for slots', 'a{b}', idDigest('a{b}')],
    ['is a digest with what parts records', 'a;b=1', idDigest('a;b=1')],
    ['is a digest with a line break', 'user-1\n', idDigest('user-1\n')],
  ])('%s', (_name, id, expected) => {
    expect(keys.id(id)).toBe(expected)
  })

  it('is always a digest where ids are to be kept out of Redis', () => {
    const hashed = createKeyNames('app', true)
    expect(hashed.id('user-1')).toBe(idDigest('user-1'))
    expect(hashed.entry('subject', ISSUER, 'user-1')).toBe(`{app}:s:${ALIAS}:${idDigest('user-1')}`)
  })
})
