import type { IncomingMessage, ServerResponse } from 'node:http'
import { optionCheck } from '../../../core/options/option-check.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import {
  compileCookiePolicy,
  cookieToken,
  type CookiePolicy,
} from '../../../http/origin/cookie-credential.js'
import { weldedVary } from '../../../http/origin/welded-check.js'
import { judgeHead } from '../../../http/origin/request-origin.js'
import { cookieValues, setCookie } from '../../../http/request/cookies.js'
import { NodeHead } from '../../../http/request/node-head.js'
import { addVary } from '../../../http/answer/vary.js'
import type { Seal } from '../../../http/secrets/seal.js'

export const SESSION_COOKIE = '__Host-Http-session'

/** Longer than any that we make. */
const MAX_CHARS = 512

/** The cookie that binds a session to its browser. It holds a sealed id, and no token. */
export interface SessionCookie {
  /** The session id of a request, or why it is refused; the CSRF check is in it (RFC 10017 §6.1.3.3). */
  read(req: IncomingMessage, res: ServerResponse): string | AuthError
  /** The id without any check: only to end it. */
  peek(req: IncomingMessage): string | undefined
  /** Why a request without need of a session is refused: a foreign page sent it. */
  judgeOrigin(req: IncomingMessage, res: ServerResponse): AuthError | undefined
  set(res: ServerResponse, id: string): void
  clear(res: ServerResponse): void
}

export interface SessionCookieOptions {
  readonly seal: Seal
  readonly origin: string
  readonly sameSite: 'strict' | 'lax'
  readonly maxAgeSeconds: number
}

export function createSessionCookie({
  seal,
  origin,
  sameSite,
  maxAgeSeconds,
}: SessionCookieOptions): SessionCookie {
  const policy = policyOf(seal, origin)
  const attributes = { secure: true, sameSite }

  return {
    read: (req, res) => cookieToken(headOf(req, res), policy, MAX_CHARS),
    peek({ headers }) {
      const [value, ...others] = cookieValues(headers.cookie, SESSION_COOKIE)
      return value === undefined || others.length > 0 ? undefined : seal.open(value)
    },
    judgeOrigin: (req, res) => judgeHead(headOf(req, res), policy.csrf, true),
    set: (res, id) =>
      setCookie(res, SESSION_COOKIE, seal.seal(id), { ...attributes, maxAgeSeconds }),
    clear: (res) => setCookie(res, SESSION_COOKIE, '', { ...attributes, maxAgeSeconds: 0 }),
  }
}

function policyOf(seal: Seal, origin: string): CookiePolicy {
  const check = optionCheck('tokenHandler')
  const open = (value: string): string | undefined => seal.open(value)
  const policy = compileCookiePolicy(check, { name: SESSION_COOKIE, open, origin })
  return policy ?? check.refuse('redirectUri', 'have an origin', origin)
}

function headOf(req: IncomingMessage, res: ServerResponse): NodeHead {
  const head = new NodeHead(req)
  addVary(res, ['Cookie', ...weldedVary(head)])
  return head
}
