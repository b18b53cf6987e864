import { withDeadline } from '../core/deadline.js'
import { AuthError } from '../core/errors.js'
import { isRecord, messageOf } from '../core/values.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { compileIssuer } from './compile-issuer.js'
import type { DecryptionKey } from './encrypted.js'
import type { KeySourceContext } from './issuer-keys.js'
import { ISSUER_OPTION_NAMES, type IssuerOptions } from './issuer-options.js'
import type { IssuerPolicy } from './issuer-policy.js'

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
  /** @throws AuthError `temporarily_unavailable`, or rejects with it, where an issuer cannot be resolved. */
  find(issuer: string): IssuerPolicy | undefined | Promise<IssuerPolicy | undefined>
  /** Whether tokens of an issuer found before are still taken. */
  admits(issuer: string): boolean
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
/** Resolved issuers kept at once; the least recently used one makes room. */
const MAX_RESOLVED = 1000

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
  return {
    find: (issuer) => byIssuer.get(issuer),
    admits: (issuer) => byIssuer.has(issuer),
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
  const policies = new Map<string, IssuerPolicy>()
  const underWay = new Map<string, Promise<IssuerPolicy | undefined>>()

  /** Only by `true`: a promise is truthy, so an async allow() would admit every issuer there is. */
  function admits(issuer: string): boolean {
    if (issuer === '') return false
    const answer: unknown = resolver.allow(issuer)
    return answer === true
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
      remember(issuer, policy)
      return policy
    } catch (cause) {
      throw new AuthError('temporarily_unavailable', {
        reason: 'issuer_unresolved',
        detail: `The issuer ${issuer} could not be resolved: ${messageOf(cause)}`,
        cause,
      })
    }
  }

  function remember(issuer: string, policy: IssuerPolicy): void {
    const [oldest] = policies
    if (policies.size >= MAX_RESOLVED && oldest !== undefined) {
      policies.delete(oldest[0])
      oldest[1].keys.close()
    }
    policies.set(issuer, policy)
  }

  return {
    admits,
    // An encrypted token does not show its issuer, so there is nothing to resolve.
    decryptionKeys: [],
    find(issuer) {
      if (!admits(issuer)) return undefined
      const known = policies.get(issuer)
      if (known !== undefined) {
        // To the young end: a Map remembers the order of insertion.
        policies.delete(issuer)
        policies.set(issuer, known)
        return known
      }
      const running = underWay.get(issuer)
      if (running !== undefined) return running
      const resolving = resolve(issuer).finally(() => underWay.delete(issuer))
      underWay.set(issuer, resolving)
      return resolving
    },
    explain: (issuer) =>
      `allow() does not admit, or resolve() does not know, the issuer ${issuer === '' ? '(none)' : issuer}`,
    async ready() {},
    status: () => [...policies.values()].map(statusOf),
    close() {
      for (const { keys } of policies.values()) keys.close()
    },
  }
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
