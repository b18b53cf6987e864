import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord } from '../../../core/values.js'
import { cookieNames, cookieValues, setCookie } from '../../../http/request/cookies.js'
import type { Seal } from '../../../http/secrets/seal.js'
import type { NamedSession } from '../sessions/session-id.js'

/** A login that has been begun. */
export interface Login {
  /** Ties the answer to this browser (RFC 6749 §10.12). */
  readonly state: string
  /** Ties the ID token to this login (OpenID Connect Core §3.1.2.1). */
  readonly nonce: string
  /** Of PKCE: ties the code to this login (RFC 7636). */
  readonly verifier: string
  readonly returnTo: string
  readonly startedAt: number
  /**
   * The session that the browser had, which the new one replaces: the callback comes from another
   * site, without `SameSite=Strict` cookies.
   */
  readonly replaces?: NamedSession | undefined
  /** Parameters of a step-up: `acr_values`, `max_age`, `prompt`. */
  readonly asked: Readonly<Record<string, string>>
}

/** Ten minutes to log in. */
export const LOGIN_SECONDS = 600

/** Tabs that log in at once; with more, the oldest begins again. */
const MOST_LOGINS = 4

export const LOGIN_COOKIE = '__Host-Http-login-'
const ID_CHARS = 8
const STATE = /^[A-Za-z0-9_-]{43}$/

/**
 * Logins under way, each in a sealed cookie of its own: tabs do not disturb each other, and a login
 * comes back to the browser alone that began it.
 */
export interface LoginCookies {
  begin(
    req: IncomingMessage,
    res: ServerResponse,
    login: Omit<Login, 'state' | 'nonce' | 'verifier'>,
  ): Login
  /** Undefined where this browser has begun none with that state. */
  find(req: IncomingMessage, state: string): Login | undefined
  forget(res: ServerResponse, login: Login): void
}

/** @param sameSite `none` for answers by POST: those come from a page of the issuer. */
export function createLoginCookies(seal: Seal, sameSite: 'lax' | 'none'): LoginCookies {
  const attributes = { secure: true, sameSite }

  function open(header: string | undefined, name: string): Login | undefined {
    const [value, ...others] = cookieValues(header, name)
    if (value === undefined || others.length > 0) return undefined
    const text = seal.open(value)
    const login: unknown = text === undefined ? undefined : JSON.parse(text)
    return isLogin(login) ? login : undefined
  }

  function clear(res: ServerResponse, name: string): void {
    setCookie(res, name, '', { ...attributes, maxAgeSeconds: 0 })
  }

  /** A page that begins logins over and over must not fill the cookie jar. */
  function makeRoom({ headers }: IncomingMessage, res: ServerResponse): void {
    const names = cookieNames(headers.cookie, LOGIN_COOKIE)
    const byAge = names
      .map((name) => ({ name, at: open(headers.cookie, name)?.startedAt ?? 0 }))
      .toSorted((one, other) => one.at - other.at)
    for (const { name } of byAge.slice(0, Math.max(0, names.length - MOST_LOGINS + 1))) {
      if (/^[\w-]+$/.test(name)) clear(res, name)
    }
  }

  return {
    begin(req, res, begun) {
      const [state, nonce, verifier] = [random(), random(), random()]
      const login = { state, nonce, verifier, ...begun }
      makeRoom(req, res)
      setCookie(res, nameOf(state), seal.seal(JSON.stringify(login)), {
        ...attributes,
        maxAgeSeconds: LOGIN_SECONDS,
      })
      return login
    },
    find({ headers }, state) {
      if (!STATE.test(state)) return undefined
      const login = open(headers.cookie, nameOf(state))
      return login?.state === state ? login : undefined
    },
    forget: (res, { state }) => clear(res, nameOf(state)),
  }
}

function nameOf(state: string): string {
  return LOGIN_COOKIE + state.slice(0, ID_CHARS)
}

function random(): string {
  return randomBytes(32).toString('base64url')
}

/** Only we can have sealed it; an older version of this package may have, though. */
function isLogin(value: unknown): value is Login {
  if (!isRecord(value) || !isRecord(value['asked'])) return false
  const texts = ['state', 'nonce', 'verifier', 'returnTo']
  return (
    texts.every((name) => typeof value[name] === 'string') && typeof value['startedAt'] === 'number'
  )
}
