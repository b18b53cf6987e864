import { complaint } from '../../../core/options/complaint.js'
import type { OptionCheck } from '../../../core/options/option-check.js'
import { guessName } from '../../../core/options/guess.js'
import { isRecord } from '../../../core/values.js'
import type { AnswerLifetime } from './answer.js'
import type { IssuerResolver } from './registry.js'

/** How the answers of a resolver are kept: its options, checked. */
export interface ResolverSettings {
  readonly lifetime: AnswerLifetime
  readonly maxIssuers: number
  readonly publicOnly: boolean
}

const NAMES: readonly (keyof IssuerResolver)[] = [
  'ttlSeconds',
  'maxStaleSeconds',
  'maxIssuers',
  'forbidPrivateNetworks',
]

const DAY = 86_400

/** @throws TypeError naming the option. */
export function compileResolver(check: OptionCheck, resolver: IssuerResolver): ResolverSettings {
  for (const name of Object.keys(resolver)) refuseMisspelt(check, name)
  const { ttlSeconds, maxStaleSeconds, maxIssuers, forbidPrivateNetworks } = resolver
  const seconds = (name: string, value: unknown, fallback: number, min: number): number =>
    check.number(`issuers.${name}`, value, { fallback, min, max: DAY })
  return {
    lifetime: {
      ttlMs: seconds('ttlSeconds', ttlSeconds, 300, 1) * 1000,
      maxStaleMs: seconds('maxStaleSeconds', maxStaleSeconds, 3600, 0) * 1000,
    },
    maxIssuers: check.number('issuers.maxIssuers', maxIssuers, {
      fallback: 1000,
      min: 1,
      max: 100_000,
      integer: true,
    }),
    publicOnly: check.boolean('issuers.forbidPrivateNetworks', forbidPrivateNetworks, false),
  }
}

/** An app's resolver may have members of its own, but none that was to be one of ours. */
function refuseMisspelt(check: OptionCheck, name: string): void {
  // One word alone, like "issuers", is likely to be the app's own.
  if (NAMES.some((known) => known === name) || !/[A-Z]/.test(name)) return
  const guess = guessName(name, NAMES)
  if (guess === undefined) return
  throw complaint(
    check.factory,
    `${check.factory}: unknown option "issuers.${name}". Did you mean "issuers.${guess}"?`,
  )
}

export function isResolver(value: unknown): value is IssuerResolver {
  return (
    isRecord(value) &&
    typeof value['allow'] === 'function' &&
    typeof value['resolve'] === 'function'
  )
}
