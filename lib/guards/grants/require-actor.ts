import type { Actor, Auth } from '../../core/auth/auth.js'
import { optionCheck } from '../../core/options/option-check.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { authGuard, type GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'

/** Names of actors. Each that is given must fit; of a list, one. */
export interface ActorNames {
  /** `sub` of the actor: one, or a list that holds it. @default any */
  readonly subject?: string | readonly string[]
  /** `client_id` of the actor. @default any */
  readonly clientId?: string | readonly string[]
  /** Who knows the actor: its own `iss`. @default the issuer of the token */
  readonly issuer?: string | readonly string[]
}

const GUARD = 'requireActor'
const NAMES = ['subject', 'clientId', 'issuer'] as const

/**
 * Refuses a request unless one of these acts for the subject of its token (`act`, RFC 8693 §4.1). Mount it
 * per route, behind `requireBearer`.
 *
 * Only the actor that sends the token counts. Those who acted before (`auth.actor.earlier`) let nobody pass,
 * as §4.1 demands, and `may_act` is not read: it is for authorization servers.
 *
 * | refused because                                  | status | challenge                                    |
 * | ------------------------------------------------ | ------ | -------------------------------------------- |
 * | nobody acts for the subject, or another one      | 403    | `error="insufficient_scope"` without `scope` |
 * | anonymous (`optional: true`)                     | 401    | without `error`                              |
 *
 * @example
 * app.post('/orders', requireActor({ clientId: ['shopping-agent', 'support-desk'] }), handler)
 *
 * @throws TypeError at construction, for an unknown option, or neither `subject` nor `clientId`.
 * @see RFC 8693 §4.1 and §4.4
 */
export function requireActor(names: ActorNames, options?: GuardOptions): Middleware {
  const check = optionCheck(GUARD)
  check.known(names, NAMES)
  const wanted = NAMES.flatMap((name) => {
    const given = names[name]
    return given === undefined ? [] : [{ name, values: new Set(check.strings(name, given)) }]
  })
  if (!wanted.some(({ name }) => name !== 'issuer')) {
    check.refuse('names', 'name a subject or clientId', names)
  }
  const anyIssuer = names.issuer !== undefined
  const detail = `Needs an actor with ${wanted
    .map(({ name, values }) => `the ${name} ${[...values].join(' or ')}`)
    .join(' and ')}`

  function fits(actor: Actor, auth: Auth): boolean {
    // A subject of another issuer is another one, whatever its name.
    if (!anyIssuer && actor.issuer !== auth.issuer) return false
    return wanted.every(({ name, values }) => {
      const value = actor[name]
      return value !== undefined && values.has(value)
    })
  }

  return authGuard(
    {
      guard: GUARD,
      scopes: [],
      judge: (auth) =>
        auth.actor !== undefined && fits(auth.actor, auth)
          ? undefined
          : new AuthError('insufficient_scope', { reason: 'actor_mismatch', detail }),
    },
    options,
  )
}
