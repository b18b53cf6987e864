import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import type { Auth } from '../../core/auth/auth.js'
import { optionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { printable } from '../../core/events/printable.js'
import { authGuard, type GuardOptions } from '../../http/guard/auth-guard.js'
import { authOf } from '../../http/guard/auth-state.js'
import type { Middleware } from '../../http/guard/middleware.js'

/** What a schema says of a value: the value as it is to be read, or what is wrong with it. */
export type ClaimsResult<Claims> =
  | { readonly value: Claims; readonly issues?: undefined }
  | { readonly issues: readonly { readonly path?: readonly unknown[] | undefined }[] }

/** As much of Standard Schema v1 as is used: zod, valibot, arktype and others have it. */
export interface ClaimsSchema<Claims> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** As a method, so that a schema may take further options. */
    validate(value: unknown): ClaimsResult<Claims> | Promise<ClaimsResult<Claims>>
  }
}

/** A guard over the claims of a token, which also reads them. */
export interface ClaimsGuard<Claims> extends Middleware {
  /**
   * The claims as the schema reads them.
   *
   * @throws Error where the guard did not run before, or the request is anonymous.
   */
  of(req: IncomingMessage): Claims
}

/** As an object, since a schema may read claims as anything. */
interface Read<Claims> {
  readonly claims: Claims
}

const GUARD = 'defineClaims'
const MAX_PATHS = 5

/**
 * A guard that refuses a request unless a schema takes the claims of its token, and then gives them to
 * handlers with the type of that schema. Mount it behind `requireBearer`. The schema is any of Standard
 * Schema, and is asked once for each verified token, however many requests bring it.
 *
 * | refused because                | status | challenge                                    |
 * | ------------------------------ | ------ | -------------------------------------------- |
 * | the schema refuses its claims   | 403    | `error="insufficient_scope"` without `scope` |
 * | anonymous (`optional: true`)   | 401    | without `error`                              |
 *
 * @example
 * const claims = defineClaims(z.object({ tenant: z.string(), tier: z.enum(['free', 'paid']) }))
 * app.use('/api', requireBearer({ issuer, audience }), claims)
 * app.get('/api', (req, res) => res.json(claims.of(req).tenant))
 *
 * @throws TypeError at construction, for what is no schema; at a request, for the error handler of the
 *   app, where the schema throws or does not answer at once.
 * @see https://standardschema.dev
 */
export function defineClaims<Claims>(
  schema: ClaimsSchema<Claims>,
  options?: GuardOptions,
): ClaimsGuard<Claims> {
  const standard = standardOf(schema)
  const known = new WeakMap<Auth, Read<Claims> | AuthError>()

  function read(auth: Auth): Read<Claims> | AuthError {
    const result: unknown = atOnce(standard.validate(auth.claims))
    if (!isResult<Claims>(result)) {
      throw new TypeError(`${GUARD}: the schema must answer at once, with a value or with issues`)
    }
    if (result.issues === undefined) return { claims: result.value }
    const detail = `The schema of defineClaims refuses ${placesOf(result.issues)}`
    return new AuthError('insufficient_scope', { reason: 'claim_mismatch', detail })
  }

  function judge(auth: Auth): AuthError | undefined {
    const result = known.get(auth) ?? read(auth)
    known.set(auth, result)
    return result instanceof AuthError ? result : undefined
  }

  return Object.assign(authGuard({ guard: GUARD, scopes: [], judge }, options), {
    of(req: IncomingMessage): Claims {
      const result = known.get(authOf(req))
      if (result !== undefined && !(result instanceof AuthError)) return result.claims
      throw new Error(`${GUARD}: its guard did not let this request pass. Mount it first`)
    },
  })
}

function standardOf<Claims>(schema: ClaimsSchema<Claims>): ClaimsSchema<Claims>['~standard'] {
  const given: unknown = schema
  // Some schemas are functions.
  const isHolder = typeof given === 'function' || isRecord(given)
  const standard: unknown = isHolder ? schema['~standard'] : undefined
  if (isRecord(standard) && typeof standard['validate'] === 'function') return schema['~standard']
  return optionCheck(GUARD).refuse(
    'schema',
    'be one of Standard Schema, as of zod, valibot or arktype',
    given,
  )
}

function isResult<Claims>(result: unknown): result is ClaimsResult<Claims> {
  // A list with a member "issues", as of arktype, is one as well.
  if (typeof result !== 'object' || result === null) return false
  const issues: unknown = 'issues' in result ? result.issues : undefined
  return issues === undefined ? 'value' in result : Array.isArray(issues)
}

/** Never what the schema says of them: many schemas quote the value. */
function placesOf(issues: readonly { readonly path?: readonly unknown[] | undefined }[]): string {
  const paths = Array.from(issues, ({ path }) => Array.from(path ?? [], nameOf).join('.'))
  const named = [...new Set(paths)].map((path) => (path === '' ? 'the claims' : `"${path}"`))
  return printable(named.slice(0, MAX_PATHS).join(', '), 200)
}

function nameOf(segment: unknown): string {
  return String(isRecord(segment) ? segment['key'] : segment)
}
