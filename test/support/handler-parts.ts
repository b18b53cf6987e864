import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { createTrust } from '../../lib/guards/bearer/source.js'
import { createResponder, type Responder } from '../../lib/http/guard/responder.js'
import { createSeal } from '../../lib/http/secrets/seal.js'
import { memoryRevocationStore, type AuthEvent } from '../../lib/index.js'
import type { IssuerClient } from '../../lib/session/handler/issuer/issuer-client.js'
import { createLoginCookies, LOGIN_COOKIE } from '../../lib/session/handler/login/login.js'
import type { Route, RouteContext } from '../../lib/session/handler/routes/context.js'
import { createSessionCookie, SESSION_COOKIE } from '../../lib/session/handler/sessions/session-cookie.js' // prettier-ignore
import { createSessionCodec, type Tokens } from '../../lib/session/handler/sessions/session.js'
import { createSessions } from '../../lib/session/handler/sessions/sessions.js'
import { createSessionReader } from '../../lib/session/handler/tokens/bearer.js'
import { createRefresher, type Refresher } from '../../lib/session/handler/tokens/refresher.js'
import { memorySessionStore } from '../../lib/session.js'
import { createTestIssuer, type TestIssuer } from '../../lib/testing.js'
import { exchangeOf, type Exchange } from './exchange.js'
import { manualTimer, type ManualTimer } from './manual-timer.js'
import { SECRET } from './signed-in.js'

export const ORIGIN = 'https://app.test'
export const START = 1_800_000_000.5

/** The parts of `tokenHandler` without a server; only the client of the issuer is a script. */
export interface HandlerParts {
  readonly issuer: TestIssuer
  readonly responder: Responder
  readonly context: RouteContext
  readonly refresher: Refresher
  readonly timer: ManualTimer
  readonly events: AuthEvent[]
  /** Calls of the client, by name and by what they were given. */
  readonly called: (readonly [string, unknown])[]
  /** What the client answers. */
  readonly client: { -readonly [Name in keyof IssuerClient]: IssuerClient[Name] }
  /** Moves all clocks on, in seconds. */
  later(seconds: number): void
  /** Fresh tokens of the issuer for `alice`. */
  tokens(changes?: Partial<Tokens>): Tokens
  /** Begins a session; resolves with its cookie. */
  logIn(tokens?: Tokens): Promise<string>
  close(): void
}

export function handlerParts(): HandlerParts {
  let now = START
  const clock = (): number => now
  const check = optionCheck('tokenHandler')
  const issuer = createTestIssuer({ clock })
  const events: AuthEvent[] = []
  const called: [string, unknown][] = []
  const timer = manualTimer()
  const responder = createResponder(check, { clock, onEvent: (event) => void events.push(event) })
  const revocations = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
  const store = memorySessionStore({ clock })
  const trust = createTrust(check, issuer.options, responder)
  const seal = (purpose: string) => createSeal(check, 'secrets', [SECRET], purpose)
  const codec = createSessionCodec(seal('session'))
  const lifetime = { idleMs: 3_600_000, absoluteMs: 36_000_000 }
  const about = {
    issuer: issuer.issuer,
    clientId: 'app',
    lifetime,
    clock,
    events: responder.events,
  }
  const sessions = createSessions({ store, codec, revocations, ...about })

  function tokens(changes: Partial<Tokens> = {}): Tokens {
    return {
      accessToken: issuer.token({ sub: 'alice' }),
      accessExpiresAt: now + 300,
      refreshToken: 'refresh-1',
      idToken: 'id-token',
      claims: { sub: 'alice', sid: 'sid-1', name: 'Alice', nonce: 'n' },
      ...changes,
    }
  }

  const client: HandlerParts['client'] = {
    loginUrl: async ({ state }) => new URL(`https://id.test/authorize?state=${state}`),
    redeem: async () => tokens(),
    refresh: async () => tokens({ refreshToken: 'refresh-2' }),
    revoke: async () => undefined,
    logoutUrl: async () => new URL('https://id.test/logout'),
  }
  const noted: IssuerClient = {
    loginUrl: (login) => note('loginUrl', login, client.loginUrl(login)),
    redeem: (answer, login) =>
      note('redeem', Object.fromEntries(answer), client.redeem(answer, login)),
    refresh: (token) => note('refresh', token, client.refresh(token)),
    revoke: (token) => note('revoke', token, client.revoke(token)),
    logoutUrl: (idToken) => note('logoutUrl', idToken, client.logoutUrl(idToken)),
  }
  function note<T>(name: string, given: unknown, answer: T): T {
    called.push([name, given])
    return answer
  }

  const refresher = createRefresher({
    store,
    codec,
    sessions,
    client: noted,
    issuer: issuer.issuer,
    beforeSeconds: 60,
    timeoutMs: 5000,
    clock,
    timer,
    events: responder.events,
  })
  const cookie = createSessionCookie({
    seal: seal(SESSION_COOKIE),
    origin: ORIGIN,
    sameSite: 'strict',
    maxAgeSeconds: 36_000,
  })
  const logins = createLoginCookies(seal(LOGIN_COOKIE), 'lax')
  const reader = createSessionReader({ cookie, sessions, refresher, trust })
  const context = {
    origin: ORIGIN,
    client: noted,
    cookie,
    logins,
    sessions,
    reader,
    store,
    revocations,
    clock,
  }

  return {
    issuer,
    responder,
    context,
    refresher,
    timer,
    events,
    called,
    client,
    tokens,
    later(seconds) {
      now += seconds
    },
    async logIn(given = tokens()) {
      const begun = await sessions.start(given, undefined)
      if (begun instanceof AuthError) throw begun
      const { res, cookies } = exchangeOf()
      cookie.set(res, begun.id)
      return cookieHeader(cookies())
    },
    close: () => trust.issuers.close(),
  }
}

/** The `Cookie` header of a browser that was sent these. */
export function cookieHeader(lines: readonly string[]): string {
  const kept = lines.filter((line) => !/Max-Age=0(?:;|$)/.test(line))
  return kept.map((line) => line.split(';', 1)[0]).join('; ')
}

export interface Asked {
  readonly method?: string
  readonly cookie?: string
  readonly headers?: IncomingHttpHeaders
  /** A form that is posted. */
  readonly form?: string
}

/** Lets a route answer a request of a page of the app, and gives what it came to. */
export async function visit(
  route: Route,
  url = '/',
  { method = 'GET', cookie, headers = {}, form }: Asked = {},
): Promise<Exchange & { readonly refusal: AuthError | undefined }> {
  const exchange = exchangeOf(url, {
    method: form === undefined ? method : 'POST',
    headers: {
      host: 'app.test',
      'sec-fetch-site': 'same-origin',
      ...(cookie !== undefined && { cookie }),
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  })
  if (form !== undefined) Readable.from([form]).on('data', (text) => exchange.req.push(text)).on('end', () => exchange.req.push(null)) // prettier-ignore
  const refusal = await route(exchange.req, exchange.res, new URL(url, ORIGIN).searchParams)
  return { ...exchange, refusal: refusal ?? undefined }
}
