import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { jtiBlocklist, requireBearer, type AuthEvent } from '../../lib/index.js'
import { memoryFamilyStore, refreshFamilies } from '../../lib/session.js'
import { universalLogout, type ScopedLogoutOptions } from '../../lib/signals.js'
import { createTestIssuer, testClock, testRevocationStore } from '../../lib/testing.js'
import { serve, type RunningServer } from '../../tools/server.js'

const OURS = 'https://issuer.test'
const THEIRS = 'https://tenant-b.test'
const USER = { format: 'iss_sub', iss: OURS, sub: 'user-1' }
const SCOPE = 'users:sign-out'

const clock = testClock()
const issuer = createTestIssuer({ clock })
const tenant = createTestIssuer({ clock, issuer: THEIRS })
const caller = { sub: 'security-tool', scope: SCOPE }

let server: RunningServer
let events: AuthEvent[]
let store: ReturnType<typeof testRevocationStore>

afterEach(() => server.close())

async function start(options: Partial<ScopedLogoutOptions> = {}): Promise<void> {
  events = []
  store = testRevocationStore()
  const onEvent = (event: AuthEvent): void => void events.push(event)
  const { clock: _clock, ...ours } = issuer.options
  const { clock: _theirs, ...theirs } = tenant.options
  const bearer = requireBearer({ issuers: [ours, theirs], clock, onEvent })
  const app = express()
  const endpoint = universalLogout(store, { scope: SCOPE, onEvent, ...options })
  app.post('/sign-out', bearer, jtiBlocklist(store), endpoint)
  app.post('/unguarded', endpoint)
  app.get('/', bearer, jtiBlocklist(store), (_req, res) => void res.end())
  app.use(((_error, _req, res, _next) => void res.sendStatus(500)) as express.ErrorRequestHandler)
  server = await serve(app)
}

function ask(token: string, subject: object = USER, path = '/sign-out'): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ sub_id: subject }),
  })
}

async function get(token = issuer.token({ sub: 'user-1', sid: 's' })): Promise<number> {
  return (await fetch(server.url, { headers: { authorization: `Bearer ${token}` } })).status
}

const reason = (): string | undefined =>
  events.findLast((event) => event.name === 'request.refused')?.reason

describe('universalLogout for access tokens with a scope', () => {
  it('signs a user out, as often as it is asked (GTR-02, GTR-03)', async () => {
    await start()
    const token = issuer.token(caller)
    expect(await get()).toBe(200)
    expect((await ask(token)).status).toBe(204)
    expect(await get()).toBe(401)
    expect((await ask(token)).status).toBe(204)
    expect(events).toContainEqual(
      expect.objectContaining({
        name: 'signal.received',
        issuer: OURS,
        signal: 'universal-logout',
      }),
    )
  })

  it('is 403 without the scope, and names it (GTR-02, GTR-04)', async () => {
    await start()
    const response = await ask(issuer.token({ ...caller, scope: 'notes:read users:sign-out-all' }))
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*scope="users:sign-out"/,
    )
    expect(reason()).toBe('scope_missing')
    expect(await get()).toBe(200)
  })

  it.each<[string, () => string]>([
    ['none', () => ''],
    ['a forged one', () => createTestIssuer({ clock }).token(caller)],
    ['one that expired', () => issuer.token({ ...caller, exp: clock() - 60 })],
    [
      'a signed one of a sender (GTR-06)',
      () => issuer.transmitter({ audience: 'https://api.test' }).logoutToken({ scope: SCOPE }),
    ],
  ])('is 401 with a token that requireBearer refuses: %s', async (_what, tokenOf) => {
    await start()
    expect((await ask(tokenOf())).status).toBe(401)
    expect(await get()).toBe(200)
  })

  it('takes no revoked token of a caller', async () => {
    await start()
    const token = issuer.token(caller)
    await store.revokeSubject({ issuer: OURS, subject: caller.sub })
    expect((await ask(token)).status).toBe(401)
  })

  it('is a fault of the program without requireBearer, and signs nobody out', async () => {
    await start()
    expect((await ask(issuer.token(caller), USER, '/unguarded')).status).toBe(500)
    expect(await get()).toBe(200)
  })

  it('lets a tenant sign out users of its own issuer alone (GTR-05)', async () => {
    await start()
    expect((await ask(tenant.token(caller))).status).toBe(403)
    expect(reason()).toBe('foreign_subject')
    expect(await get()).toBe(200)
    expect((await ask(tenant.token(caller), { ...USER, iss: THEIRS })).status).toBe(204)
    expect((await ask(tenant.token(caller), { format: 'opaque', id: 'user-1' })).status).toBe(204)
    expect(await get()).toBe(200)
  })

  it('speaks for other issuers where they are named', async () => {
    await start({ subjectIssuers: OURS })
    expect((await ask(tenant.token(caller))).status).toBe(204)
    expect(await get()).toBe(401)
    expect((await ask(tenant.token(caller), { ...USER, iss: THEIRS })).status).toBe(403)
  })

  it('answers an unknown user by 404, and a store that is down by 503 (GTR-04)', async () => {
    await start()
    const token = issuer.token(caller)
    expect((await ask(token, { format: 'email', email: 'a@b.c' })).status).toBe(404)
    store.outage()
    expect((await ask(token)).status).toBe(503)
  })

  it('ends refresh-token families of the user', async () => {
    let now = clock()
    const families = refreshFamilies(memoryFamilyStore({ clock: () => now }), {
      issuer: OURS,
      secrets: ['a'.repeat(32)],
      revocations: testRevocationStore(),
    })
    await families.start({ subject: 'user-1', clientId: 'app', sessionId: 'one' })
    now += 1
    await start({ families })
    expect((await ask(issuer.token(caller))).status).toBe(204)
    expect(await families.list({ subject: 'user-1' })).toHaveLength(0)
  })

  it.each([
    ['a scope that is none', { scope: 'two scopes' }, /"scope" must be one scope/],
    ['an empty scope', { scope: '' }, /"scope" must be/],
    ['a scope besides an issuer', { scope: SCOPE, issuer: OURS }, /unknown option "issuer"/],
    ['neither scope nor issuer', { scope: undefined }, /"audience" must be/],
    ['families that are none', { scope: SCOPE, families: {} }, /"families" must be/],
    [
      'families of an issuer that is not named',
      {
        scope: SCOPE,
        subjectIssuers: THEIRS,
        families: { issuer: OURS, revokeSubject: async () => {} },
      },
      /"families" must be of an issuer/,
    ],
    ['a resolveSubject that is none', { scope: SCOPE, resolveSubject: {} }, /must be a function/],
    ['no options', undefined, /options must be an object/],
  ])('is refused with %s', async (_what, options, message) => {
    await start()
    expect(() => universalLogout(testRevocationStore(), options as never)).toThrow(message)
  })
})
