import { DeadlineExceeded, withDeadline } from '../../../core/deadline.js'
import { AuthError, workDenied } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { deadlineOf, NOBODY, type Sender } from '../../../core/queue/sender.js'
import { admission } from './admission.js'
import { FairBudget } from '../../../net/fair-budget.js'
import type { KeySourceContext } from '../policy/key-source.js'
import { IssuerLookup, unresolved } from './lookup.js'
import type { IssuerPolicy } from '../policy/policy.js'
import { statusOf, type IssuerRegistry, type IssuerResolver } from './registry.js'
import { PolicyLru } from './policy-lru.js'

/** Resolved issuers kept at once, once a token of theirs has verified. */
const MAX_PROVEN = 1000
/**
 * And before that: anybody can write an `iss` that `allow` admits. Far more than a burst takes in, so that
 * none is dropped while its keys are fetched.
 */
const MAX_UNPROVEN = 1000
/** Issuers taken in at once, and how soon another: keys are fetched for each. Invented ones cost none. */
const NEW_ISSUER_BURST = 100
const NEW_ISSUER_INTERVAL_MS = 100

type Looked = IssuerPolicy | undefined | AuthError

const LONE_SURROGATE = /\p{Surrogate}/u

/** Issuers that are not known in advance: found by `resolve`, and taken in within a budget. */
export function resolvedIssuers(
  resolver: IssuerResolver,
  context: KeySourceContext,
): IssuerRegistry {
  const { timer } = context
  const proven = new PolicyLru(MAX_PROVEN)
  const unproven = new PolicyLru(MAX_UNPROVEN)
  const admits = admission((issuer) => resolver.allow(issuer))
  const lookup = new IssuerLookup(resolver, context)
  const budget = new FairBudget({
    burst: NEW_ISSUER_BURST,
    intervalMs: NEW_ISSUER_INTERVAL_MS,
    timer,
    reason: 'issuer_unresolved',
    purpose: 'budget for another issuer',
  })

  function resolved(issuer: string): IssuerPolicy | undefined {
    return proven.get(issuer) ?? unproven.get(issuer)
  }

  async function findInTurn(issuer: string, sender: Sender): Promise<Looked> {
    const known = (): IssuerPolicy | undefined => resolved(issuer)
    const policy = await lookup.find(issuer, sender, known)
    if (policy instanceof AuthError) return policy
    if (policy === undefined || known() !== undefined) return known()
    if (!budget.trySpend()) {
      const needless = (): boolean => known() !== undefined
      const turn = await attempt<unknown>(() => budget.wait(sender, { needless }))
      if (turn instanceof AuthError) return turn
    }
    const others = known()
    if (others !== undefined) return others
    unproven.set(issuer, policy)
    return policy
  }

  async function findInTime(issuer: string, sender: Sender): Promise<Looked> {
    const now = timer.now()
    const finding = findInTurn(issuer, sender)
    try {
      return await withDeadline(finding, deadlineOf(sender, now) - now, timer)
    } catch (error) {
      if (error instanceof DeadlineExceeded) return unresolved(issuer, error)
      throw error
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
    find(issuer, throttled = false, sender = NOBODY) {
      // Lone surrogates are otherwise checked after the signature, but `allow()` runs first and may throw on them.
      if (LONE_SURROGATE.test(issuer) || !admits(issuer)) return undefined
      const known = resolved(issuer)
      if (known !== undefined || lookup.isMissing(issuer)) return known
      // A throttled request may still join the others: they pay for it.
      if (throttled && !lookup.isUnderWay(issuer)) return workDenied('resolving its issuer')
      return findInTime(issuer, sender)
    },
    names: [],
    policies: [],
    explain: (issuer) =>
      `allow() does not admit, or resolve() does not know, the issuer ${issuer === '' ? '(none)' : issuer}`,
    async ready() {},
    status: () =>
      [...proven.values(), ...unproven.values()].map((policy) => ({
        ...statusOf(policy),
        resolved: true,
      })),
    close() {
      proven.close()
      unproven.close()
    },
  }
}
