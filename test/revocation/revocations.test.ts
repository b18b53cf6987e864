import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import type { Mark } from '../../lib/revocation/facts.js'
import { compileLifetimes } from '../../lib/revocation/lifetimes.js'
import { revokeMethods, type Revocation } from '../../lib/revocation/revocations.js'
import type { RevocationReceipt, RevocationStore } from '../../lib/revocation/store.js'

const NOW = 1_000_000
const ISSUER = 'https://id.test'
const NEVER = Number.NEGATIVE_INFINITY
const lifetimes = compileLifetimes(optionCheck('store'), {
  maxTokenLifetimeSeconds: 1000,
  sessionLifetimeSeconds: 10_000,
  clockToleranceSeconds: 5,
})

let written: Revocation[]
let asMark: boolean
let methods: ReturnType<typeof revokeMethods>

beforeEach(() => {
  written = []
  asMark = false
  methods = revokeMethods(lifetimes, () => NOW, {
    async write(revocation) {
      written.push(revocation)
      return { sequence: 6 + written.length, asMark }
    },
    sequence: () => 6,
  })
})

const mark = (notBefore: number, sessions: [string, number][] = []): Mark => ({
  notBefore,
  sessions: new Map(sessions),
})
const one = { issuer: ISSUER, revocationIssuer: `${ISSUER}/first` }
const NAME = `${ISSUER}/first`
const AHEAD = NOW + 5

type Call = (store: typeof methods) => Promise<RevocationReceipt>

describe('what a store is told to remember', () => {
  it.each<[string, Call, Partial<Revocation>, Partial<RevocationReceipt>]>([
    [
      'a token, until its end',
      (store) => store.revokeToken({ ...one, tokenId: 't', expiresAt: NOW + 100 }),
      {
        kind: 'token',
        issuer: NAME,
        id: 't',
        value: true,
        until: lifetimes.tokenUntil(NOW + 100, NOW),
      },
      {},
    ],
    [
      'a session',
      (store) => store.revokeSession({ ...one, sessionId: 's' }),
      { kind: 'session', issuer: NAME, id: 's', value: true, until: lifetimes.sessionUntil(NOW) },
      {},
    ],
    [
      'a user, up to now and the clock tolerance',
      (store) => store.revokeSubject({ ...one, subject: 'u' }),
      {
        kind: 'subject',
        issuer: NAME,
        id: 'u',
        value: mark(AHEAD),
        until: lifetimes.markUntil(AHEAD, NOW),
      },
      { notBefore: AHEAD },
    ],
    [
      'a user, but for some sessions',
      (store) =>
        store.revokeSubject(
          { ...one, subject: 'u' },
          { issuedBefore: 9, exceptSessions: ['a', 'b'] },
        ),
      {
        kind: 'subject',
        value: mark(9, [
          ['a', NEVER],
          ['b', NEVER],
        ]),
      },
      { notBefore: 9 },
    ],
    [
      'a client',
      (store) => store.revokeClient({ ...one, clientId: 'c' }),
      {
        kind: 'client',
        issuer: NAME,
        id: 'c',
        value: AHEAD,
        until: lifetimes.markUntil(AHEAD, NOW),
      },
      { notBefore: AHEAD },
    ],
    [
      'a client, up to a second',
      (store) => store.revokeClient({ ...one, clientId: 'c' }, { issuedBefore: 9 }),
      { kind: 'client', value: 9 },
      { notBefore: 9 },
    ],
    [
      'all of an issuer, by its first name',
      (store) => store.revokeAll({ ...one, issuedBefore: 9 }),
      { kind: 'all', issuer: NAME, id: '', value: 9 },
      { notBefore: 9 },
    ],
    [
      'all of an issuer that has one name',
      (store) => store.revokeAll({ issuer: ISSUER }),
      { kind: 'all', issuer: ISSUER, id: '', value: AHEAD },
      { notBefore: AHEAD },
    ],
    [
      'all of all issuers',
      (store) => store.revokeAll(),
      { kind: 'all', issuer: undefined, id: '', value: AHEAD },
      { notBefore: AHEAD },
    ],
    [
      'the least version of a user',
      (store) => store.requireTokenVersion({ ...one, subject: 'u' }, 4),
      { kind: 'version', issuer: NAME, id: 'u', value: 4, until: lifetimes.markUntil(NOW, NOW) },
      {},
    ],
  ])('%s', async (_name, call, expected, receipt) => {
    expect(await call(methods)).toEqual({ sequence: 7, ...receipt })
    expect(written).toEqual([expect.objectContaining(expected)])
    const [revocation] = written
    expect(revocation!.share).toBeUndefined()
    expect(revocation!.keptUntil).toBe(lifetimes.keptUntil(revocation!.until, NOW))
  })

  it('nothing of a token that no guard takes any more', async () => {
    const ended = { issuer: ISSUER, tokenId: 't', expiresAt: NOW - 61 }
    expect(await methods.revokeToken(ended)).toEqual({ sequence: 6 })
    expect(written).toEqual([])
    expect(await methods.revokeToken({ ...ended, expiresAt: NOW - 60.5 })).toEqual({ sequence: 7 })
  })
})

describe('an entry of a known user', () => {
  const user = { ...one, subject: 'u' }

  it.each<[string, Call, number, number]>([
    [
      'a token: up to its iat',
      (store) => store.revokeToken({ ...user, tokenId: 't', expiresAt: NOW + 100, issuedAt: 50 }),
      50,
      lifetimes.tokenUntil(Number.POSITIVE_INFINITY, NOW),
    ],
    [
      'a token without iat: up to now',
      (store) => store.revokeToken({ ...user, tokenId: 't', expiresAt: NOW + 100 }),
      AHEAD,
      lifetimes.tokenUntil(Number.POSITIVE_INFINITY, NOW),
    ],
    [
      'a session: up to the second that was named',
      (store) => store.revokeSession({ ...user, sessionId: 's' }, { issuedBefore: 60 }),
      60,
      lifetimes.sessionUntil(NOW),
    ],
  ])(
    'names the mark to store where the share is used up, for %s',
    async (_name, call, second, longest) => {
      expect(await call(methods)).toEqual({ sequence: 7 })
      const { share } = written[0]!
      expect(share!.mark).toMatchObject({
        kind: 'subject',
        issuer: NAME,
        id: 'u',
        value: mark(second),
      })
      expect(share!.windowSeconds).toBeCloseTo(lifetimes.keptUntil(longest, NOW) - NOW, 6)
    },
  )

  it('tells up to which second it revoked, where the mark was stored', async () => {
    asMark = true
    const session = { ...user, sessionId: 's' }
    expect(await methods.revokeSession(session)).toEqual({ sequence: 7, notBefore: AHEAD })
  })
})

describe('a call that would be confirmed and revoke nothing', () => {
  type Loose = Record<keyof RevocationStore, (...args: unknown[]) => Promise<unknown>>
  it.each<[string, keyof RevocationStore, unknown[], string]>([
    [
      'no token',
      'revokeToken',
      [{ issuer: ISSUER, expiresAt: NOW }],
      '"tokenId" of a revocation must be a string, got undefined',
    ],
    [
      'no end',
      'revokeToken',
      [{ issuer: ISSUER, tokenId: 't' }],
      '"expiresAt" of a revocation must be a number, got undefined',
    ],
    [
      'an end that is no number',
      'revokeToken',
      [{ issuer: ISSUER, tokenId: 't', expiresAt: Number.NaN }],
      '"expiresAt" of a revocation must be a number, got NaN',
    ],
    [
      'an end beyond all numbers',
      'revokeToken',
      [{ issuer: ISSUER, tokenId: 't', expiresAt: 2 ** 53 }],
      '"expiresAt" of a revocation must be a number',
    ],
    [
      'an end far below zero',
      'revokeToken',
      [{ issuer: ISSUER, tokenId: 't', expiresAt: -(2 ** 53) }],
      '"expiresAt" of a revocation must be a number',
    ],
    [
      'a user that is no name',
      'revokeToken',
      [{ issuer: ISSUER, tokenId: 't', expiresAt: NOW + 9, subject: 5 }],
      '"subject" of a revocation must be a string, got number',
    ],
    [
      'no issuer',
      'revokeSession',
      [{ sessionId: 's' }],
      '"issuer" of a revocation must be a string, got undefined',
    ],
    [
      'no session',
      'revokeSession',
      [{ issuer: ISSUER }],
      '"sessionId" of a revocation must be a string, got undefined',
    ],
    [
      'no user',
      'revokeSubject',
      [{ issuer: ISSUER }],
      '"subject" of a revocation must be a string, got undefined',
    ],
    [
      'a spared session that is none',
      'revokeSubject',
      [{ issuer: ISSUER, subject: 'u' }, { exceptSessions: [undefined] }],
      '"sessionId" of a revocation must be a string, got undefined',
    ],
    [
      'no client',
      'revokeClient',
      [{ issuer: ISSUER }],
      '"clientId" of a revocation must be a string, got undefined',
    ],
    [
      'an issuer that is none',
      'revokeAll',
      [{ issuer: 5 }],
      '"issuer" of a revocation must be a string, got number',
    ],
    [
      'no user for a version',
      'requireTokenVersion',
      [{ issuer: ISSUER }, 1],
      '"subject" of a revocation must be a string, got undefined',
    ],
    [
      'no version',
      'requireTokenVersion',
      [{ issuer: ISSUER, subject: 'u' }],
      '"minimum" of a revocation must be a number, got undefined',
    ],
    [
      'a time that is none',
      'revokeClient',
      [{ issuer: ISSUER, clientId: 'c' }, { issuedBefore: Number.NaN }],
      '"issuedBefore" of a revocation must be a time',
    ],
  ])('is refused: %s', async (_name, method, args, complaint) => {
    await expect((methods as unknown as Loose)[method](...args)).rejects.toThrow(
      new RegExp(`^${complaint}`),
    )
    expect(written).toEqual([])
  })
})
