import type { Auth } from '../../core/auth/auth.js'
import { AuthError, type AuthErrorReason } from '../../core/verdicts/errors.js'
import { optionCheck } from '../../core/options/option-check.js'
import { hasAll } from '../../core/auth/scope.js'
import { authGuard, type GuardOptions } from './auth-guard.js'
import type { Middleware } from './middleware.js'

/** A guard over one of the sets of names in a verified token: scopes, roles or permissions. */
export interface SetRule {
  readonly guard: string
  /** The word for these names in messages. */
  readonly noun: string
  readonly reason: AuthErrorReason
  readonly granted: (auth: Auth) => ReadonlySet<string>
  /** One of these lists must be granted whole. */
  readonly accepted: readonly (readonly string[])[]
  /** Scopes to name in the challenge (RFC 6750 §3); other names have no place there. */
  readonly challengeScopes: readonly string[]
}

export function setGuard(rule: SetRule, options?: GuardOptions): Middleware {
  const { guard, noun, reason, granted, accepted, challengeScopes } = rule
  const needed = accepted.map((names) => names.join(' and ')).join(', or ')
  const refusal = { reason, scopes: challengeScopes, detail: `Needs the ${noun} ${needed}` }
  return authGuard(
    {
      guard,
      scopes: challengeScopes,
      judge(auth) {
        const has = granted(auth)
        for (const names of accepted) if (hasAll(has, names)) return undefined
        return new AuthError('insufficient_scope', refusal)
      },
    },
    options,
  )
}

/** Arguments of a guard over names: names one by one or as a list, then options. */
export type NamesAndOptions = readonly (string | readonly string[] | GuardOptions | undefined)[]

/** Splits these arguments. Two names in a row are two names: the second was surely not meant for options. */
export function splitNames(args: NamesAndOptions): {
  readonly names: unknown
  readonly options: GuardOptions | undefined
} {
  const [first, ...rest] = args
  const last = rest.at(-1)
  const options = isName(last) ? undefined : last
  const more = isName(last) ? rest : rest.slice(0, -1)
  return { names: more.length > 0 ? [first, ...more].flat() : first, options }
}

function isName(item: NamesAndOptions[number]): item is string | readonly string[] {
  return typeof item === 'string' || Array.isArray(item)
}

/** The names a guard was given. An empty list would let everybody pass, which no guard is mounted for. */
export function nameList(guard: string, option: string, names: unknown): readonly string[] {
  return [...new Set(optionCheck(guard).strings(option, names))]
}
