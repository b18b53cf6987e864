import type { Auth } from '../core/auth/auth.js'
import { noteRevoked } from '../core/auth/revoked-auth.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError, invalidToken } from '../core/verdicts/errors.js'
import { andThen, attempt, type Outcome } from '../core/verdicts/outcome.js'
import { enterStoreGuard } from '../http/guard/auth-state.js'
import { withFacts } from '../http/guard/facts.js'
import { answerBy, toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import type { Denylist } from '../http/guard/recheck.js'
import { issuerName, type NamedIssuer } from '../revocation/issuer-name.js'
import { storeOutage } from '../revocation/asking/outage.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { RevocationQuery, RevocationStore, RevocationVerdict } from '../revocation/store.js'
import { isVerdict, noVerdict, revokedToken } from '../revocation/asking/verdict.js'
import { denylistRecheck } from './streams/denylist.js'

/** A guard that knows which tokens pass. */
export interface TokenAllowlist extends Middleware {
  /**
   * Lets a token pass until its `exp`, such as the `Auth` of a verified one. Resolves once that is stored.
   * Where it rejects, hand the token to nobody: the store may hold it all the same.
   */
  register(
    token: NamedIssuer & { readonly tokenId: string; readonly expiresAt: number },
  ): Promise<void>
}

const GUARD = 'jtiAllowlist'

/**
 * Refuses a token that was not registered, or that was revoked since. Mount it behind `requireBearer`, in
 * place of `jtiBlocklist`: it asks all that the denylist asks, by the same store, in the same look-up.
 *
 * Registered tokens are kept in that store, so that what it does about lost data holds for them. A store
 * that lost them refuses them, and one that was set back to an earlier state refuses what was issued before.
 *
 * | refused because                                   | status | challenge               |
 * | ------------------------------------------------- | ------ | ----------------------- |
 * | the token was not registered                      | 401    | `error="invalid_token"` |
 * | token, session, user, client or issuer is revoked | 401    | `error="invalid_token"` |
 * | issued before the store lost what it knew         | 401    | `error="invalid_token"` |
 * | the store cannot be asked                         | 503    | none; `Retry-After`     |
 *
 * @example
 * const allowlist = jtiAllowlist(store)
 * app.post('/login', async (req, res) => {
 *   await allowlist.register(await verifier.verify(token)) // before the token is handed out
 * })
 * app.use('/api', requireBearer({ issuer, audience }), allowlist)
 * app.post('/logout', requireBearer({ issuer, audience }), logout(store))
 *
 * @throws TypeError at construction, for a store that is none.
 */
export function jtiAllowlist(store: RevocationStore): TokenAllowlist {
  requireStore(optionCheck(GUARD), store)
  const entries = new WeakMap<Auth, RevocationQuery>()
  // A registration ends by a revocation alone, so that is all that an open stream must hear of.
  const recheck = denylistRecheck(store, () => false)
  const denylist: Denylist = { recheck, before: undefined }

  function entryOf(auth: Auth): RevocationQuery {
    const known = entries.get(auth)
    if (known !== undefined) return known
    const { tokenId, issuedAt, expiresAt } = auth
    const nobody = { sessionId: undefined, subject: undefined, clientId: undefined }
    const issuer = listOf(auth)
    const entry = { issuer, tokenId, issuedAt, expiresAt, version: undefined, ...nobody }
    if (Object.isFrozen(auth)) entries.set(auth, Object.freeze(entry))
    return entry
  }

  function ask(query: RevocationQuery): Outcome<RevocationVerdict> {
    const answer: Outcome<unknown> = attempt<unknown>(() => store.check(query), down)
    return andThen(answer, (verdict) => (isVerdict(verdict) ? verdict : down(noVerdict())))
  }

  function judge(auth: Auth): Outcome<Auth> {
    // Both before either is awaited: a remote store answers them together.
    const [listed, revoked] = [ask(entryOf(auth)), ask(auth)]
    return andThen(listed, (entry) =>
      andThen(revoked, (verdict) => {
        if (verdict.revoked) {
          noteRevoked(auth)
          return revokedToken(verdict.by)
        }
        if (entry.revoked && entry.by === 'token') return auth
        return invalidToken('not_registered', 'The token is not in the allow-list')
      }),
    )
  }

  const guard: Middleware = function jtiAllowlistMiddleware(req, res, next) {
    const state = enterStoreGuard(GUARD, denylist, req, next)
    if (state === undefined) return
    const { auth, responder } = state
    const settle = (verdict: Auth | AuthError): void => {
      if (verdict instanceof AuthError) {
        responder.refuse(GUARD, verdict, { req, res, next, auth })
      } else next()
    }
    const settleLater = (verdict: Auth | AuthError): void => answerBy(next, () => settle(verdict))
    const verdict = judge(auth)
    if (verdict instanceof Promise) verdict.then(settleLater, toErrorHandler(next))
    else settle(verdict)
  }

  const told = withFacts(guard, () => [{ kind: 'blocklist', onUnavailable: 'refuse' }])
  return Object.assign(told, {
    async register({ tokenId, expiresAt, ...issuer }: Parameters<TokenAllowlist['register']>[0]) {
      await store.revokeToken({ issuer: listOf(issuer), tokenId, expiresAt })
    },
  })
}

function down(cause: unknown): AuthError {
  return storeOutage('revocation_unavailable', cause)
}

/**
 * In a store of revocations, the allow-list is that of an issuer nobody can be: its name has a line end.
 * There "revoked" says "registered", and of a mistaken entry the token itself knows nothing.
 */
function listOf(named: NamedIssuer): string {
  const name: unknown = issuerName(named)
  if (typeof name === 'string') return `registered\n${name}`
  throw new TypeError(`${GUARD}: "issuer" of a token must be a string, got ${typeof name}`)
}
