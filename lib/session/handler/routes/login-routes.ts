import type { IncomingMessage } from 'node:http'
import { systemTimer } from '../../../core/clock.js'
import { isScopeToken, splitScope } from '../../../core/auth/scope.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { sha256 } from '../../../core/sha256.js'
import { sendLeadingPage } from '../../../http/answer/page.js'
import { readFormParameters } from '../../../http/request/form-body.js'
import type { Route, RouteContext } from './context.js'
import { LOGIN_SECONDS, type Login } from '../login/login.js'
import { stepUpText } from '../login/navigation.js'
import { judgeReturnUrl } from '../login/return-url.js'
import { namedSession } from '../sessions/session-id.js'

const PROMPTS = ['login', 'consent', 'select_account', 'create']
const BODY_LIMITS = { maxBytes: 65_536, timeoutMs: 5000 }

/** `GET /login?return_to=/notes`: sends the browser to the issuer. */
export function loginRoute({ origin, cookie, client, logins, clock }: RouteContext): Route {
  return async (req, res, query) => {
    // Frames and images of foreign pages begin no logins.
    const foreign = cookie.judgeOrigin(req, res)
    if (foreign !== undefined) return foreign
    const returnTo = judgeReturnUrl(query.get('return_to') ?? undefined, origin)
    if (returnTo instanceof AuthError) return returnTo
    const id = cookie.peek(req)
    const replaces = id === undefined ? undefined : namedSession(id)
    const begun = { returnTo, startedAt: clock(), asked: askedIn(query), replaces }
    const login = logins.begin(req, res, begun)
    const url = await client.loginUrl(login)
    if (url instanceof AuthError) {
      logins.forget(res, login)
      return url
    }
    res.statusCode = 303
    res.setHeader('Location', url.href)
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Referrer-Policy', 'no-referrer')
    res.end()
    return undefined
  }
}

/** What a page may ask of a login; anything else is left out. */
function askedIn(query: URLSearchParams): Readonly<Record<string, string>> {
  const asked: Record<string, string> = {}
  const acr = splitScope(query.get('acr_values') ?? '').filter(isScopeToken)
  const maxAge = query.get('max_age') ?? ''
  const prompt = query.get('prompt') ?? ''
  if (acr.length > 0 && acr.join(' ').length <= 512) asked['acr_values'] = acr.join(' ')
  if (/^\d{1,8}$/.test(maxAge)) asked['max_age'] = maxAge
  if (PROMPTS.includes(prompt)) asked['prompt'] = prompt
  return asked
}

/** `GET` or `POST /callback`: the answer of the issuer. The session that it begins has a new id. */
export function callbackRoute(context: RouteContext): Route {
  const { client, cookie, logins, sessions, clock } = context

  async function judged(req: IncomingMessage, query: URLSearchParams): Promise<Come | AuthError> {
    const answer =
      req.method === 'POST' ? await readFormParameters(req, BODY_LIMITS, systemTimer) : query
    if (answer instanceof AuthError) return unknown(answer.detail)
    const [state = '', ...others] = answer.getAll('state')
    const login = others.length === 0 ? logins.find(req, state) : undefined
    if (login === undefined) return unknown('This browser has begun no login with that state')
    const age = clock() - login.startedAt
    return age <= LOGIN_SECONDS ? { answer, login } : unknown(`The login began ${age} s ago`)
  }

  return async (req, res, query) => {
    const come = await judged(req, query)
    if (come instanceof AuthError) return come
    const { answer, login } = come
    // Used twice, a code ends the tokens of its first use (RFC 6749 §4.1.2), so it is sent once.
    const isFirst = await attempt(() =>
      context.store.claim(sha256(login.state), LOGIN_SECONDS * 1000),
    )
    if (isFirst instanceof AuthError) return isFirst
    if (!isFirst) return new AuthError('login_failed', { reason: 'login_replayed' })
    logins.forget(res, login)
    const tokens = await client.redeem(answer, login)
    if (tokens instanceof AuthError) return tokens
    const { replaces } = login
    const ended = replaces === undefined ? undefined : await sessions.endReplaced(replaces)
    if (ended instanceof AuthError) return ended
    const started = await sessions.start(tokens, stepUpText(login.asked))
    if (started instanceof AuthError) return started
    cookie.set(res, started.id)
    // A redirect would still belong to the navigation of the issuer, without `SameSite=Strict` cookies.
    sendLeadingPage(res, login.returnTo)
    return undefined
  }
}

interface Come {
  readonly answer: URLSearchParams
  readonly login: Login
}

function unknown(detail: string | undefined): AuthError {
  return new AuthError('login_failed', {
    reason: 'login_unknown',
    ...(detail === undefined ? {} : { detail }),
  })
}
