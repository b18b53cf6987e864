import type { Timer } from '../../../core/clock.js'
import { DeadlineExceeded, withDeadline } from '../../../core/deadline.js'
import { AuthError, workDenied } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { deadlineOf, NOBODY, type Sender } from '../../../core/queue/sender.js'
import { admission } from './admission.js'
import type { Answer } from './answer.js'
import { Answers } from './answers.js'
import { FairBudget } from '../../../net/fair-budget.js'
import type { KeySourceContext } from '../policy/key-source.js'
import { IssuerLookup, unresolved } from './lookup.js'
import type { IssuerPolicy } from '../policy/policy.js'
import { statusOf, type IssuerRegistry, type IssuerResolver } from './registry.js'
import { compileResolver } from './resolver-options.js'

/** Issuers taken in at once, and how soon another: keys are fetched for each. Invented ones cost none. */
const NEW_ISSUER_BURST = 100
const NEW_ISSUER_INTERVAL_MS = 100

const LONE_SURROGATE = /\p{Surrogate}/u

/** Issuers that are not known in advance: found by `resolve`, taken in within a budget, and asked for again. */
export function resolvedIssuers(resolver: IssuerResolver, given: KeySourceContext): IssuerRegistry {
  const { timer } = given
  const { lifetime, maxIssuers, publicOnly } = compileResolver(given.check, resolver)
  const context = { ...given, publicOnly }
  const answers = new Answers(maxIssuers)
  const admits = admission((issuer) => resolver.allow(issuer))
  const lookup = new IssuerLookup(resolver, context, lifetime, answers)
  const budget = new FairBudget({
    burst: NEW_ISSUER_BURST,
    intervalMs: NEW_ISSUER_INTERVAL_MS,
    timer,
    reason: 'issuer_unresolved',
    purpose: 'budget for another issuer',
  })
  let closed = false

  function resolved(issuer: string): IssuerPolicy | undefined {
    const answer = believed(answers.get(issuer))
    if (answer?.due === true) renew(issuer, answer)
    return answer?.policy
  }

  /** While the answer in hand serves on. */
  function renew(issuer: string, answer: Answer): void {
    if (answer.renewing || closed) return
    answer.renewing = true
    const renewed = (): Answer | undefined => (answer.due ? undefined : answer)
    const asking = inTime(issuer, lookup.find(issuer, NOBODY, renewed), NOBODY, timer)
    void asking.then((looked) => {
      answer.renewing = false
      if (looked instanceof AuthError) answer.failed(looked)
    })
  }

  async function findInTurn(
    issuer: string,
    sender: Sender,
  ): Promise<Answer | undefined | AuthError> {
    const known = (): Answer | undefined => believed(answers.peek(issuer))
    const answer = await lookup.find(issuer, sender, known)
    if (answer === undefined || answer instanceof AuthError) return answer
    if (known() !== undefined) return known()
    if (!budget.trySpend()) {
      const needless = (): boolean => known() !== undefined
      const turn = await attempt<unknown>(() => budget.wait(sender, { needless }))
      if (turn instanceof AuthError) return turn
    }
    const others = known()
    if (others !== undefined) return others
    answers.add(issuer, answer)
    return answer
  }

  async function find(
    issuer: string,
    sender: Sender,
  ): Promise<IssuerPolicy | undefined | AuthError> {
    const looked = await inTime(issuer, findInTurn(issuer, sender), sender, timer)
    if (!(looked instanceof AuthError)) return looked?.policy
    // Nobody can tell, so what was told last serves on for a while.
    const answer = answers.peek(issuer)
    answer?.failed(looked)
    return believed(answer)?.policy ?? looked
  }

  return {
    confirm(issuer) {
      if (!admits(issuer)) return false
      // Asked about verified tokens only, so the issuer is real.
      const answer = answers.prove(issuer)
      if (answer?.due === true) renew(issuer, answer)
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
      if (closed) return unresolved(issuer, 'the guard was closed')
      // A throttled request may still join the others: they pay for it. An issuer in hand costs one call in `ttlSeconds`.
      const paid = lookup.isUnderWay(issuer) || answers.peek(issuer) !== undefined
      return throttled && !paid ? workDenied('resolving its issuer') : find(issuer, sender)
    },
    names: [],
    policies: [],
    explain: (issuer) =>
      `allow() does not admit, or resolve() does not know, the issuer ${issuer === '' ? '(none)' : issuer}`,
    async ready() {},
    status: () =>
      [...answers.values()].map(({ policy }) => ({ ...statusOf(policy), resolved: true })),
    close() {
      closed = true
      answers.close()
    },
  }
}

async function inTime<T>(
  issuer: string,
  finding: Promise<T>,
  sender: Sender,
  timer: Timer,
): Promise<T | AuthError> {
  const now = timer.now()
  try {
    return await withDeadline(finding, deadlineOf(sender, now) - now, timer)
  } catch (error) {
    if (error instanceof DeadlineExceeded) return unresolved(issuer, error)
    throw error
  }
}

function believed(answer: Answer | undefined): Answer | undefined {
  return answer?.believed === true ? answer : undefined
}
