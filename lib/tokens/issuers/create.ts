import { PoliciesByIssuer } from './registry/by-issuer.js'
import { compileIssuer } from './policy/compile.js'
import { distinctKeys } from '../jwt/encrypted.js'
import type { KeySourceContext } from './policy/key-source.js'
import { ISSUER_OPTION_NAMES, KNOWN_ISSUER_OPTIONS, type IssuerOptions } from './policy/options.js'
import { statusOf, type IssuerRegistry, type TrustedIssuers } from './registry/registry.js'
import type { IssuerPolicy } from './policy/policy.js'
import { resolvedIssuers } from './registry/resolved.js'
import { isResolver } from './registry/resolver-options.js'

export function staticIssuers(
  list: readonly IssuerOptions[],
  context: KeySourceContext,
): IssuerRegistry {
  const policies = list.map((options) => compileIssuer(options, context))
  const byIssuer = new PoliciesByIssuer()
  for (const policy of policies) byIssuer.add(context.check, policy)
  return {
    find: (issuer, _throttled, _sender, algorithm) => byIssuer.find(issuer, algorithm),
    known: (issuer, algorithm) => byIssuer.find(issuer, algorithm),
    decryptionKeys: distinctKeys(policies.flatMap((policy) => policy.decryptionKeys)),
    names: namesOf(policies),
    policies,
    explain: (issuer) => explain(issuer, byIssuer.names()),
    async ready() {
      await Promise.all(policies.map(({ keys }) => keys.ready()))
    },
    status: () => policies.map(statusOf),
    close() {
      for (const { keys } of policies) keys.close()
    },
  }
}

function namesOf(policies: readonly IssuerPolicy[]): readonly string[] {
  return [...new Set(policies.flatMap(({ revocationIssuers }) => [...revocationIssuers.values()]))]
}

/** The registry for `requireBearer`'s options: one issuer, a closed list, or a resolver. */
export function createIssuers(options: TrustedIssuers, context: KeySourceContext): IssuerRegistry {
  const { check } = context
  if (options.issuers === undefined) return staticIssuers([options], context)
  const { issuers } = options
  const beside: Readonly<Record<string, unknown>> = { ...options }
  const doubled = ISSUER_OPTION_NAMES.find((name) => beside[name] !== undefined)
  if (doubled !== undefined) {
    check.refuse(doubled, 'stand within "issuers", where that is given', 'both')
  }
  if (Array.isArray(issuers)) {
    const list: readonly IssuerOptions[] = issuers
    if (list.length === 0) check.refuse('issuers', 'name at least one issuer', issuers)
    for (const item of list) check.known(item, KNOWN_ISSUER_OPTIONS)
    return staticIssuers(list, context)
  }
  const resolver: unknown = issuers
  if (!isResolver(resolver)) {
    return check.refuse('issuers', 'be a list of issuer options, or { allow, resolve }', issuers)
  }
  return resolvedIssuers(resolver, context)
}

/** The commonest first-run mistake of all is a slash too many or too few, so it is named. */
function explain(issuer: string, known: readonly string[]): string {
  const twin = known.find((candidate) => candidate === `${issuer}/` || `${candidate}/` === issuer)
  if (twin !== undefined) {
    return `The issuer differs only by a trailing slash: expected ${twin}, got ${issuer}`
  }
  return `Expected issuer ${known.join(' or ')}, got ${issuer === '' ? 'none' : issuer}`
}
