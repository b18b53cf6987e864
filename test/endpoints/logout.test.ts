import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express, { type ErrorRequestHandler, type Express } from 'express'
import request, { type Response } from 'supertest'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  RevocationUnavailable,
  type Auth,
  type AuthEvent,
  type LogoutOptions,
  type LogoutScope,
  type RevocationStore,
} from '../../lib/index.js'
import { tokenCookie } from '../../lib/browser.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import { expectRefusal, expectUnavailable, frozenClock } from '../../tools/api.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serve, type RunningServer } from '../../tools/server.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })
const servers: RunningServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

interface LogoutApi {
  readonly url: string
  readonly events: AuthEvent[]
  /** What reached the app's error handler. */
  readonly errors: string[]
  logout(held?: string): Promise<Response>
  /** What `GET /` answers to each of these tokens. */
  statuses(...tokens: readonly string[]): Promise<readonly number[]>
}

interface LogoutApiOptions {
  readonly store?: RevocationStore
  readonly optional?: boolean
  readonly createApp?: () => Express
}

async function startLogoutApi(
  options?: LogoutOptions,
  {
    store = memoryRevocationStore({ clock }),
    optional = false,
    createApp = express,
  }: LogoutApiOptions = {},
): Promise<LogoutApi> {
  const events: AuthEvent[] = []
  const errors: string[] = []
  const bearer = requireBearer({
    ...issuer.options,
    clockToleranceSeconds: 0,
    optional,
    onEvent: (event) => events.push(event),
  })
  const app = createApp()
  app.post('/logout', bearer, logout(store, options))
  app.get('/', bearer, jtiBlocklist(store), (_req, res) => void res.end())
  const onError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    errors.push(error.message)
    res.status(500).end()
  }
  app.use(onError)
  const server = await serve(app)
  servers.push(server)
  return {
    url: server.url,
    events,
    errors,
    logout: (held) => withToken(request(server.url).post('/logout'), held),
    statuses: (...tokens) =>
      Promise.all(
        tokens.map(async (held) => (await withToken(request(server.url).get('/'), held)).status),
      ),
  }
}

async function withToken(asking: request.Test, held?: string): Promise<Response> {
  return held === undefined ? asking : asking.set('Authorization', `Bearer ${held}`)
}

function token(claims: TestClaims): string {
  return issuer.token({ sub: 'ann', sid: undefined, ...claims })
}

describe.each(EXPRESS_VERSIONS)('logout on %s', (_version, createApp) => {
  // Each row: what is asked for, what it ends, and whether the caller's own token, another one of
  // its session, one of another session, and another user's stay good.
  it.each<[string, LogoutOptions | undefined, readonly number[]]>([
    ['by default the session', undefined, [401, 401, 200, 200]],
    ["'token': this token alone", { scope: 'token' }, [401, 200, 200, 200]],
    ["'session': all tokens of it", { scope: 'session' }, [401, 401, 200, 200]],
    ["'others': all sessions but this", { scope: 'others' }, [200, 200, 401, 200]],
    ["'everywhere': all of the user", { scope: 'everywhere' }, [401, 401, 401, 200]],
    ['what a function says', { scope: () => 'everywhere' }, [401, 401, 401, 200]],
  ])('ends %s', async (_name, options, statuses) => {
    const api = await startLogoutApi(options, { createApp })
    const tokens = [
      token({ sid: 'laptop' }),
      token({ sid: 'laptop' }),
      token({ sid: 'phone' }),
      token({ sub: 'ben', sid: 'laptop-of-ben' }),
    ]
    expect(await api.statuses(...tokens)).toEqual([200, 200, 200, 200])
    const response = await api.logout(tokens[0])
    expect(response.status).toBe(204)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.text).toBe('')
    expect(await api.statuses(...tokens)).toEqual(statuses)
  })
})

describe('logout', () => {
  it('by default ends the token alone where it has no session', async () => {
    const api = await startLogoutApi()
    const [first, second] = [token({}), token({})]
    expect((await api.logout(first)).status).toBe(204)
    expect(await api.statuses(first, second)).toEqual([401, 200])
  })

  it('lets the user log in again after everywhere, with tokens stamped later', async () => {
    const store = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
    const api = await startLogoutApi({ scope: 'everywhere' }, { store })
    await api.logout(token({ sid: 'laptop' }))
    clock.now += 1
    expect(await api.statuses(token({ sid: 'laptop-again' }))).toEqual([200])
  })

  it('is repeatable: a second click is no error', async () => {
    const api = await startLogoutApi()
    const ended = token({ sid: 'laptop' })
    expect((await api.logout(ended)).status).toBe(204)
    expect((await api.logout(ended)).status).toBe(204)
  })

  it('gives a function the token and the request', async () => {
    const seen: unknown[] = []
    const scope = (auth: Auth, req: IncomingMessage): LogoutScope => {
      seen.push(auth.subject, req.url)
      return 'token'
    }
    await (await startLogoutApi({ scope })).logout(token({}))
    expect(seen).toEqual(['ann', '/logout'])
  })

  it('tells the event what was ended, without naming user or token', async () => {
    const api = await startLogoutApi()
    await api.logout(token({ sid: 'laptop', jti: 'id-of-the-token' }))
    const event = api.events.at(-1)
    expect(event).toMatchObject({ name: 'token.revoked', scope: 'session' })
    expect(JSON.stringify(event)).not.toMatch(/"ann"|laptop|id-of-the-token/)
  })

  it('answers by respond once all is stored', async () => {
    const api = await startLogoutApi({
      respond(auth, _req, res) {
        res.statusCode = 303
        res.setHeader('Location', `/bye?user=${auth.subject}`)
        res.end()
      },
    })
    const ended = token({ sid: 'laptop' })
    const response = await api.logout(ended)
    expect(response.status).toBe(303)
    expect(response.headers['location']).toBe('/bye?user=ann')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(await api.statuses(ended)).toEqual([401])
  })

  it.each<[string, NonNullable<LogoutOptions['respond']>]>([
    [
      'throws',
      () => {
        throw new Error('no template')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no template'))],
  ])('hands what respond %s to the error handler', async (_name, respond) => {
    const api = await startLogoutApi({ respond })
    expect((await api.logout(token({}))).status).toBe(500)
    expect(api.errors).toEqual(['no template'])
  })

  it.each<[string, LogoutScope, number]>([
    ['clears', 'token', 1],
    ['clears', 'session', 1],
    ['clears', 'everywhere', 1],
    ['keeps', 'others', 0],
  ])('%s cookies after the scope %s, once it is stored', async (_verb, scope, cleared) => {
    const api = await startLogoutApi({ scope, cookies: [tokenCookie()] })
    const response = await api.logout(token({ sid: 'laptop' }))
    expect(response.status).toBe(204)
    const lines = (response.headers['set-cookie'] ?? []) as readonly string[]
    expect(lines.filter((line) => line.includes('Max-Age=0'))).toHaveLength(cleared)
  })

  it.each<[LogoutScope, TestClaims, RegExp]>([
    ['session', {}, /scope 'session' needs tokens with "sid".*Let the issuer add it/],
    ['others', { sub: undefined, sid: 'laptop' }, /scope 'others' needs tokens with "sub"/],
    ['others', {}, /scope 'others' needs tokens with "sid"/],
    ['everywhere', { sub: undefined }, /scope 'everywhere' needs tokens with "sub"/],
  ])('answers 500 with the fix where %s cannot be ended for %j', async (scope, claims, fix) => {
    const api = await startLogoutApi({ scope })
    const kept = token(claims)
    expect((await api.logout(kept)).status).toBe(500)
    expect(api.errors).toEqual([expect.stringMatching(fix)])
    expect(await api.statuses(kept)).toEqual([200])
  })

  it.each<[string, () => LogoutScope, RegExp]>([
    ['returns nonsense', () => 'all' as LogoutScope, /"scope" must return one of token, session/],
    ['returns nothing', () => undefined as unknown as LogoutScope, /"scope" must return one of/],
    [
      'throws',
      () => {
        throw new Error('no such tenant')
      },
      /no such tenant/,
    ],
  ])('ends nothing and answers 500 where the function %s', async (_name, scope, complaint) => {
    const api = await startLogoutApi({ scope })
    const kept = token({ sid: 'laptop' })
    expect((await api.logout(kept)).status).toBe(500)
    expect(api.errors).toEqual([expect.stringMatching(complaint)])
    expect(await api.statuses(kept)).toEqual([200])
  })

  it.each<[string, () => Promise<never>, string]>([
    [
      'rejects',
      () => Promise.reject(new RevocationUnavailable('down', { retryAfterSeconds: 7 })),
      '7',
    ],
    ['rejects with an error of its own', () => Promise.reject(new Error('ECONNREFUSED')), '1'],
    [
      'throws',
      () => {
        throw new Error('down')
      },
      '1',
    ],
  ])(
    'answers 503 with Retry-After, and never 204, where the store %s (7009-05)',
    async (_name, fail, seconds) => {
      const store = { ...memoryRevocationStore(), revokeToken: fail, revokeSubject: fail }
      for (const scope of ['token', 'everywhere'] as const) {
        const api = await startLogoutApi({ scope, cookies: [tokenCookie()] }, { store })
        const response = await api.logout(token({}))
        expectUnavailable(response)
        expect(response.headers['retry-after']).toBe(seconds)
        expect(response.headers['set-cookie']).toBeUndefined()
        expect(api.events.at(-1)).toMatchObject({ reason: 'revocation_not_stored' })
      }
    },
  )

  it('asks an anonymous request for a token', async () => {
    const api = await startLogoutApi({}, { optional: true })
    expectRefusal(await api.logout(), 'no_credential')
  })

  it('answers 500 where no requireBearer is in front, never 401', async () => {
    const app = express()
    app.post('/logout', logout(memoryRevocationStore()))
    let message = ''
    const onError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
      message = error.message
      res.status(500).end()
    }
    app.use(onError)
    const server = await serve(app)
    servers.push(server)
    expect((await request(server.url).post('/logout')).status).toBe(500)
    expect(message).toMatch(/logout: no requireBearer ran before it/)
  })
})

describe('logout: options', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['no store', undefined, {}, /"store" must be a RevocationStore/],
    ['a store that is none', {}, {}, /"store" must be a RevocationStore/],
    ['an unknown scope', 'store', { scope: 'user' }, /"scope" must be 'token' or 'session'/],
    ['a misspelt option', 'store', { scopes: 'token' }, /Did you mean "scope"\?/],
    ['an answer that is no function', 'store', { respond: 204 }, /"respond" must be a function/],
    ['options that are none', 'store', 'session', /options must be an object/],
  ])('refuses %s at construction', (_name, given, options, complaint) => {
    const store = (given === 'store' ? memoryRevocationStore() : given) as RevocationStore
    expect(() => logout(store, options as LogoutOptions)).toThrow(complaint)
  })
})
