import { atOnce } from '../core/app-function.js'
import { withDeadline } from '../core/deadline.js'
import { AuthError, tooCostly } from '../core/errors.js'
import { isRecord, messageOf } from '../core/values.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { TokenBucket } from '../keys/token-bucket.js'
import { compileIssuer } from './compile-issuer.js'
import type { DecryptionKey } from './encrypted.js'
import type { KeySourceContext } from './issuer-keys.js'
import { ISSUER_OPTION_NAMES, type IssuerOptions } from './issuer-options.js'
import type { IssuerPolicy } from './issuer-policy.js'
import { RecentPolicies } from './recent-policies.js'

/** Finds the options of issuers that are not known in advance, such as the tenants of a service. */
export interface IssuerResolver {
  /**
   * Decides, before any I/O, whether a token's `iss` may be resolved at all: by `true`, and by
   * nothing else. Keep it exact.
   */
  allow(issuer: string): boolean
  /**
   * The issuer's options, within 2.5 seconds, or undefined where there is no such issuer (401). A
   * rejection is an outage (503), never a bad token. Neither of these two is remembered.
   */
  resolve(issuer: string): Promise<IssuerOptions | undefined>
}

export interface IssuerStatus extends KeySourceStatus {
  readonly issuer: string
}

/**
 * The issuers an API trusts, each with keys, policy and budget of its own: one tenant's outage or
 * flood leaves the others alone, and a foreign issuer costs no network.
 */
export interface IssuerRegistry {
  /**
   * @param mayResolve Whether one that is not known yet may be resolved. @default true
   * @throws AuthError `temporarily_unavailable`, or rejects with it, where an issuer cannot be
   * resolved; `too_many_requests` where it may not be.
   */
  find(
    issuer: string,
    mayResolve?: boolean,
  ): IssuerPolicy | undefined | Promise<IssuerPolicy | undefined>
  /** The policy of an issuer that `find` would find without resolving it. */
  known(issuer: string): IssuerPolicy | undefined
  /** Whether tokens of an issuer found before are still taken; absent where they always are. */
  readonly admits?: (issuer: string) => boolean
  /** Keys to decrypt tokens with whose issuer is not known before. */
  readonly decryptionKeys: readonly DecryptionKey[]
  /** Why an issuer is foreign, for the log. */
  explain(issuer: string): string
  ready(): Promise<void>
  status(): readonly IssuerStatus[]
  close(): void
}

/** How long `resolve` may take: the requests of its tenant wait for it. */
const RESOLVE_DEADLINE_MS = 2500
/** Resolved issuers kept at once, once a token of theirs has verified. */
const MAX_PROVEN = 1000
/** And before that: anybody can write an `iss` that `allow` admits. */
const MAX_UNPROVEN = 100
/** Issuers that may be resolved at once, and how soon another: each costs your database and a fetch of keys. */
const RESOLVE_BURST = 100
const RESOLVE_INTERVAL_MS = 100

const LONE_SURROGATE = /\p{Surrogate}/u

export function staticIssuers(
  list: readonly IssuerOptions[],
  context: KeySourceContext,
): IssuerRegistry {
  const policies = list.map((options) => compileIssuer(options, context))
  const byIssuer = new Map<string, IssuerPolicy>()
  for (const policy of policies) {
    for (const issuer of policy.issuers) {
      if (byIssuer.has(issuer)) context.check.refuse('issuers', 'name each issuer once', issuer)
      byIssuer.set(issuer, policy)
    }
  }
  const known = (issuer: string): IssuerPolicy | undefined => byIssuer.get(issuer)
  return {
    find: known,
    known,
    decryptionKeys: policies.flatMap((policy) => policy.decryptionKeys),
    explain: (issuer) => explain(issuer, [...byIssuer.keys()]),
    async ready() {
      await Promise.all(policies.map(({ keys }) => keys.ready()))
    },
    status: () => policies.map(statusOf),
    close() {
      for (const { keys } of policies) keys.close()
    },
  }
}

export function resolvedIssuers(
  resolver: IssuerResolver,
  context: KeySourceContext,
): IssuerRegistry {
  const proven = new RecentPolicies(MAX_PROVEN)
  const unproven = new RecentPolicies(MAX_UNPROVEN)
  const underWay = new Map<string, Promise<IssuerPolicy | undefined>>()
  const budget = new TokenBucket(RESOLVE_BURST, RESOLVE_INTERVAL_MS, context.timer.now)

  /** Only by `true`: a promise is truthy, so an async allow() would admit every issuer there is. */
  function admits(issuer: string): boolean {
    if (issuer === '') return false
    const answer: unknown = atOnce(resolver.allow(issuer))
    return answer === true
  }

  function resolved(issuer: string): IssuerPolicy | undefined {
    return proven.get(issuer) ?? unproven.get(issuer)
  }

  async function resolve(issuer: string): Promise<IssuerPolicy | undefined> {
    try {
      const resolving = Promise.resolve(resolver.resolve(issuer))
      const options = await withDeadline(resolving, RESOLVE_DEADLINE_MS, context.timer)
      if (options === undefined) return undefined
      context.check.known(options, ISSUER_OPTION_NAMES)
      const policy = compileIssuer(options, context)
      if (!policy.issuers.includes(issuer)) {
        throw new TypeError(`resolve() returned the options of ${policy.issuers.join(', ')}`)
      }
      unproven.set(issuer, policy)
      return policy
    } catch (cause) {
      throw unresolved(issuer, messageOf(cause), cause)
    }
  }

  return {
    admits(issuer) {
      if (!admits(issuer)) return false
      // Asked about verified tokens only, so the issuer is real: no flood of others pushes it out.
      const policy = unproven.take(issuer)
      if (policy !== undefined) proven.set(issuer, policy)
      return true
    },
    // An encrypted token does not show its issuer, so there is nothing to resolve.
    decryptionKeys: [],
    known: (issuer) => (admits(issuer) ? resolved(issuer) : undefined),
    find(issuer, mayResolve = true) {
      // The token is judged for such only once it is signed; your code is asked before, and may throw.
      if (LONE_SURROGATE.test(issuer) || !admits(issuer)) return undefined
      const known = resolved(issuer)
      if (known !== undefined) return known
      const running = underWay.get(issuer)
      if (running !== undefined) return running
      if (!mayResolve) throw tooCostly('resolving its issuer')
      if (!budget.take()) throw unresolved(issuer, 'too many issuers were asked for')
      const resolving = resolve(issuer).finally(() => underWay.delete(issuer))
      underWay.set(issuer, resolving)
      return resolving
    },
    explain: (issuer) =>
      `allow() does not admit, or resolve() does not know, the issuer ${issuer === '' ? '(none)' : issuer}`,
    async ready() {},
    status: () => [...proven.values(), ...unproven.values()].map(statusOf),
    close() {
      proven.close()
      unproven.close()
    },
  }
}

function unresolved(issuer: string, why: string, cause?: unknown): AuthError {
  return new AuthError('temporarily_unavailable', {
    reason: 'issuer_unresolved',
    detail: `The issuer ${issuer} could not be resolved: ${why}`,
    cause,
  })
}

/** The registry for `requireBearer`'s options: one issuer, a closed list, or a resolver. */
export function createIssuers(
  options: IssuerOptions | { readonly issuers: readonly IssuerOptions[] | IssuerResolver },
  context: KeySourceContext,
): IssuerRegistry {
  const { check } = context
  if (!('issuers' in options)) return staticIssuers([options], context)
  const { issuers } = options
  const doubled = ISSUER_OPTION_NAMES.find((name) => name in options)
  if (doubled !== undefined) {
    check.refuse(doubled, 'stand within "issuers", where that is given', 'both')
  }
  if (Array.isArray(issuers)) {
    const list: readonly IssuerOptions[] = issuers
    if (list.length === 0) check.refuse('issuers', 'name at least one issuer', issuers)
    for (const item of list) check.known(item, ISSUER_OPTION_NAMES)
    return staticIssuers(list, context)
  }
  const resolver: unknown = issuers
  if (!isResolver(resolver)) {
    return check.refuse('issuers', 'be a list of issuer options, or { allow, resolve }', issuers)
  }
  return resolvedIssuers(resolver, context)
}

function isResolver(value: unknown): value is IssuerResolver {
  return (
    isRecord(value) &&
    typeof value['allow'] === 'function' &&
    typeof value['resolve'] === 'function'
  )
}

function statusOf({ issuers, keys }: IssuerPolicy): IssuerStatus {
  return { issuer: issuers[0] ?? '', ...keys.status() }
}

/** The commonest first-run mistake of all is a slash too many or too few, so it is named. */
function explain(issuer: string, known: readonly string[]): string {
  const twin = known.find((candidate) => candidate === `${issuer}/` || `${candidate}/` === issuer)
  if (twin !== undefined) {
    return `The issuer differs only by a trailing slash: expected ${twin}, got ${issuer}`
  }
  return `Expected issuer ${known.join(' or ')}, got ${issuer === '' ? 'none' : issuer}`
}
