import { factsOf, type GuardFacts } from '../http/guard/facts.js'
import { ACCESS_RULES } from './access-rules.js'
import type { AuditRow, Configuration, Rule } from './rule.js'
import { TOKEN_RULES } from './token-rules.js'

const RULES: readonly Rule[] = [...TOKEN_RULES, ...ACCESS_RULES]

/**
 * Rates a configuration against RFC 8725, RFC 9068, RFC 9700, RFC 10017 and ASVS 5.0. It asks nobody and
 * changes nothing. Rules about what is not there, such as cookies, are left out.
 *
 * @param guards One `requireBearer`, `fetchGuard` or guard of `protectMcp`, and what stands behind it.
 * @example
 * const wrong = audit(bearer, blocklist).filter(({ status }) => status === 'missing')
 *
 * @throws TypeError where none of them judges tokens.
 */
export function audit(...guards: readonly object[]): readonly AuditRow[] {
  const facts = guards.flatMap((guard) => factsOf(guard))
  if (!facts.some(({ kind }) => kind === 'bearer')) {
    throw new TypeError('audit: hand in requireBearer(...), fetchGuard(...) or protectMcp().guard')
  }
  const configuration = configurationOf(facts)
  return RULES.flatMap(({ rule, asks, fix, rate }) => {
    const rating = rate(configuration)
    if (rating === undefined) return []
    const { status, why } = rating
    return [status === 'met' ? { rule, asks, status, why } : { rule, asks, status, why, fix }]
  })
}

function configurationOf(facts: readonly GuardFacts[]): Configuration {
  const of: Configuration['of'] = (kind) =>
    facts.filter((each): each is Extract<GuardFacts, { kind: typeof kind }> => each.kind === kind)
  const bearers = of('bearer')
  return { bearers, issuers: bearers.flatMap(({ issuers }) => issuers), of }
}
