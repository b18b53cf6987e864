import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { testRevocationStore } from '../../lib/testing.js'
import {
  memoryFamilyStore,
  refreshFamilies,
  type RefreshFamilies,
  type RefreshFamiliesOptions,
} from '../../lib/session.js'
import type { AuthEvent } from '../../lib/core/events/events.js'

const ISSUER = 'https://id.test'
const SECRETS = ['a secret of at least thirty-two bytes']
const LOGIN = { subject: 'user-1', clientId: 'app', sessionId: 'session-1' }
const APP = { clientId: 'app' }

describe('refreshFamilies', () => {
  let now: number
  let events: AuthEvent[]
  let revocations: ReturnType<typeof testRevocationStore>
  let families: RefreshFamilies
  let store: ReturnType<typeof memoryFamilyStore>

  beforeEach(() => {
    now = 1_700_000_000
    events = []
    const clock = (): number => now
    revocations = testRevocationStore({ clock })
    store = memoryFamilyStore({ clock })
    families = make()
  })
  afterEach(() => store.close())

  function make(changes: Partial<RefreshFamiliesOptions> = {}): RefreshFamilies {
    return refreshFamilies(store, {
      issuer: ISSUER,
      secrets: SECRETS,
      revocations,
      onEvent: (event) => events.push(event),
      ...changes,
    })
  }

  async function isRevoked(sessionId: string, issuedAt = now): Promise<boolean> {
    const { revoked } = await revocations.check({
      issuer: ISSUER,
      tokenId: 'an access token',
      sessionId,
      subject: 'user-1',
      clientId: 'app',
      issuedAt,
      expiresAt: now + 300,
      version: undefined,
    })
    return revoked
  }

  async function successor(token: string): Promise<string> {
    const rotated = await families.rotate(token, APP)
    if (rotated.outcome === 'refused') throw new Error(rotated.reason)
    return rotated.token
  }

  it('gives a successor that is good, and tells whose it is', async () => {
    const { token } = await families.start(LOGIN)
    now += 60
    const rotated = await families.rotate(token, APP)
    expect(rotated).toMatchObject({
      outcome: 'rotated',
      family: {
        ...LOGIN,
        issuer: ISSUER,
        startedAt: 1_700_000_000,
        rotatedAt: now,
        expiresAt: 1_700_000_000 + 2_592_000,
      },
    })
    await expect(successor(await successor(token))).resolves.toMatch(/^v1\./)
  })

  it('gives the same successor to two tabs at once', async () => {
    const { token } = await families.start(LOGIN)
    const [first, second] = await Promise.all([successor(token), successor(token)])
    expect(second).toBe(first)
  })

  it('ends family and access tokens when a token comes back, and tells once (9700-11)', async () => {
    const { token } = await families.start(LOGIN)
    const second = await successor(token)
    const third = await successor(second)
    expect(await families.rotate(token, APP)).toStrictEqual({
      outcome: 'refused',
      reason: 'reused',
    })
    expect(await isRevoked('session-1')).toBe(true)
    expect(await families.rotate(third, APP)).toStrictEqual({
      outcome: 'refused',
      reason: 'revoked',
    })
    const told = events.filter(({ name }) => name === 'family.reused')
    expect(told).toHaveLength(1)
    expect(JSON.stringify(told)).not.toMatch(/user-1|session-1|v1\./)
  })

  it('tells the denylist of a reuse later, where it did not answer', async () => {
    const { token } = await families.start(LOGIN)
    await successor(await successor(token))
    revocations.outage()
    await expect(families.rotate(token, APP)).rejects.toMatchObject({ status: 503 })
    revocations.recover()
    await expect(families.rotate(token, APP)).resolves.toMatchObject({ outcome: 'refused' })
    expect(await isRevoked('session-1')).toBe(true)
  })

  it('ends nothing while the denylist does not answer, and goes on after', async () => {
    const { token } = await families.start(LOGIN)
    revocations.outage()
    await expect(families.rotate(token, APP)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'revocation_unavailable',
    })
    revocations.recover()
    await expect(families.rotate(token, APP)).resolves.toMatchObject({ outcome: 'rotated' })
  })

  it.each([
    ['session', () => revocations.revokeSession({ issuer: ISSUER, sessionId: 'session-1' })],
    ['user', () => revocations.revokeSubject({ issuer: ISSUER, subject: 'user-1' })],
    ['client', () => revocations.revokeClient({ issuer: ISSUER, clientId: 'app' })],
    ['issuer', () => revocations.revokeAll({ issuer: ISSUER })],
  ])('ends a family whose %s the denylist has revoked (BCL-22)', async (_what, revoke) => {
    const { token } = await families.start(LOGIN)
    await revoke()
    const refusal = { outcome: 'refused', reason: 'revoked' }
    expect(await families.rotate(token, APP)).toStrictEqual(refusal)
    expect(await families.rotate(token, APP)).toStrictEqual(refusal)
  })

  it('lets a new login in after the user was logged out everywhere', async () => {
    await families.start(LOGIN)
    await families.revokeSubject({ subject: 'user-1' })
    // The mark reaches as far ahead as clocks may differ.
    now += 6
    const { token } = await families.start({ ...LOGIN, sessionId: 'session-2' })
    await expect(families.rotate(token, APP)).resolves.toMatchObject({ outcome: 'rotated' })
  })

  it('logs out everywhere but here: families and access tokens', async () => {
    const here = await families.start({ ...LOGIN, sessionId: 'here' })
    const there = await families.start({ ...LOGIN, sessionId: 'there' })
    await families.revokeSubject({ subject: 'user-1' }, { exceptSession: 'here' })
    expect(await families.rotate(here.token, APP)).toMatchObject({ outcome: 'rotated' })
    expect(await families.rotate(there.token, APP)).toMatchObject({ reason: 'revoked' })
    expect(await isRevoked('there')).toBe(true)
    expect(await isRevoked('here')).toBe(false)
    expect(await families.list({ subject: 'user-1' })).toMatchObject([{ sessionId: 'here' }])
  })

  it('ends logins up to a second, with all that they were given since', async () => {
    const early = await families.start({ ...LOGIN, sessionId: 'early' })
    const { token: renewed } = early
    now += 0.9
    const kept = await families.start({ ...LOGIN, sessionId: 'kept' })
    const until = Math.floor(now)
    now += 10
    const late = await families.start({ ...LOGIN, sessionId: 'late' })
    const successorOfEarly = await successor(renewed)
    const options = { startedBefore: until, exceptSession: 'kept' }
    await families.revokeSubject({ subject: 'user-1' }, options)
    expect(await families.rotate(successorOfEarly, APP)).toMatchObject({ reason: 'revoked' })
    expect(await families.rotate(kept.token, APP)).toMatchObject({ outcome: 'rotated' })
    expect(await families.rotate(late.token, APP)).toMatchObject({ outcome: 'rotated' })
    await families.revokeSubject({ subject: 'user-1' }, { startedBefore: until - 1 })
    expect(await isRevoked('kept')).toBe(false)
    await families.revokeSubject({ subject: 'user-1' }, { startedBefore: until })
    expect(await isRevoked('kept')).toBe(true)
    const never = { startedBefore: Number.NaN }
    await expect(families.revokeSubject({ subject: 'user-1' }, never)).rejects.toThrow(/a time/)
  })

  it('revokes a family and its access tokens by any token of it, and takes unknown ones for done', async () => {
    const { token } = await families.start(LOGIN)
    const second = await successor(token)
    await families.revoke(token)
    expect(await families.rotate(second, APP)).toMatchObject({ reason: 'revoked' })
    expect(await isRevoked('session-1')).toBe(true)
    await families.revoke('v1.nonsense')
  })

  it('revokes a family that this side of a split brain does not know, on the side that does', async () => {
    const { token } = await families.start(LOGIN)
    const here = store
    const there = memoryFamilyStore({ clock: () => now })
    store = there
    await make().revoke(token)
    store = here
    expect(await make().rotate(token, APP)).toMatchObject({ reason: 'revoked' })
    await there.close()
  })

  it('notices a store that was rolled back, ends the family and tells', async () => {
    const { token } = await families.start(LOGIN)
    const ahead = await successor(await successor(token))
    const older = await store.find({ tag: token.slice(3, 21), id: token.slice(21, 30) })
    expect(older?.count).toBe(3)
    await store.close()
    store = memoryFamilyStore({ clock: () => now })
    await store.start({ tag: token.slice(3, 21), id: token.slice(21, 30) }, LOGIN, {
      idleMs: 60_000,
      absoluteMs: 60_000,
      mostPerSubject: 5,
    })
    families = make()
    expect(await families.rotate(ahead, APP)).toMatchObject({ reason: 'rolled_back' })
    expect(await families.rotate(token, APP)).toMatchObject({ reason: 'revoked' })
    expect(events.map(({ name }) => name)).toContain('family.rolled_back')
    expect(await isRevoked('session-1')).toBe(true)
  })

  it.each([
    ['another client', 'wrong_client', 0, { clientId: 'other' }],
    ['a token that was idle for too long', 'unknown', 1_209_601, APP],
  ])('refuses %s as %s', async (_what, reason, seconds, by) => {
    const { token } = await families.start(LOGIN)
    now += seconds
    expect(await families.rotate(token, by)).toStrictEqual({ outcome: 'refused', reason })
  })

  it.each(['', 'v1.a.1.b', 'Bearer x', undefined, 5])('takes %j for malformed', async (token) => {
    expect(await families.rotate(token as string, APP)).toMatchObject({ reason: 'malformed' })
  })

  it.each([
    ['subject', { ...LOGIN, subject: '' }],
    ['clientId', { ...LOGIN, clientId: undefined as never }],
    ['sessionId', { ...LOGIN, sessionId: 5 as never }],
  ])('begins no family without a %s', async (name, login) => {
    await expect(families.start(login)).rejects.toThrow(`"${name}" must be a non-empty string`)
  })

  it.each(['subject', 'clientId', 'sessionId'])(
    'begins no family with a %s that a store would cut in two',
    async (name) => {
      const begun = families.start({ ...LOGIN, [name]: `web${'x'.repeat(65_536)}` })
      await expect(begun).rejects.toThrow(`"${name}" must be of 8192 characters at most`)
    },
  )

  it.each([
    [{ issuer: '' }, /"issuer" must be a non-empty string/],
    [{ secrets: [] }, /"secrets" must be a list of secrets/],
    [{ revocations: {} as never }, /"store" must be a RevocationStore/],
    [{ graceSeconds: 61 }, /"graceSeconds" must be a number from 0 to 60/],
    [{ idle: 5 } as never, /Did you mean "idleSeconds"/],
  ])('refuses %j when it is made', (changes, message) => {
    expect(() => make(changes)).toThrow(message)
  })

  it('works over the memory store of revocations as it is', async () => {
    const ours = make({ revocations: memoryRevocationStore() })
    const { token } = await ours.start(LOGIN)
    await expect(ours.rotate(token, APP)).resolves.toMatchObject({ outcome: 'rotated' })
  })
})
