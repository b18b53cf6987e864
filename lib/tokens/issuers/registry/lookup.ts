import { withDeadline } from '../../../core/deadline.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { Places } from '../../../core/queue/places.js'
import type { Sender } from '../../../core/queue/sender.js'
import { messageOf } from '../../../core/values.js'
import { Answer, type AnswerLifetime } from './answer.js'
import type { Answers } from './answers.js'
import { NegativeCache } from '../../../keys/manager/negative-cache.js'
import { compileIssuer } from '../policy/compile.js'
import type { KeySourceContext } from '../policy/key-source.js'
import { KNOWN_ISSUER_OPTIONS, type IssuerOptions } from '../policy/options.js'
import type { IssuerResolver } from './registry.js'

/** How long `resolve` may take: the requests of its tenant wait for it. */
const RESOLVE_DEADLINE_MS = 2500
/** Calls of `resolve` under way at once: each is a query to your database. */
const MAX_AT_ONCE = 100
/** How long a name is known for one that no issuer has: a tenant may be founded meanwhile. */
const MISSING_MS = 3000
const MAX_MISSING = 1000
/** Longer ones are asked about again: memory is for names that an issuer could have. */
const MAX_MISSING_CHARS = 512

type Found = Answer | undefined
type Looked = Found | AuthError

/**
 * Asks the app's `resolve`. A stranger can name whatever `allow` admits, so asking is bounded by how
 * many ask at once and never by a rate: invented names would use that up for the real ones. Each
 * request waits in line for itself. If it joined whoever waits already, a stranger who names real
 * issuers in a flood would have their clients wait behind it.
 */
export class IssuerLookup {
  readonly #resolver: IssuerResolver
  readonly #context: KeySourceContext
  readonly #lifetime: AnswerLifetime
  readonly #answers: Pick<Answers, 'peek' | 'replace' | 'remove'>
  readonly #places: Places
  readonly #missing: NegativeCache
  readonly #underWay = new Map<string, Promise<Looked>>()

  /** @param answers Those in hand: what is said of them anew counts at once. */
  constructor(
    resolver: IssuerResolver,
    context: KeySourceContext,
    lifetime: AnswerLifetime,
    answers: Pick<Answers, 'peek' | 'replace' | 'remove'>,
  ) {
    const { timer } = context
    this.#resolver = resolver
    this.#context = context
    this.#lifetime = lifetime
    this.#answers = answers
    this.#missing = new NegativeCache(MAX_MISSING, MISSING_MS, timer.now)
    this.#places = new Places({
      count: MAX_AT_ONCE,
      timer,
      reason: 'issuer_unresolved',
      purpose: 'room to resolve another issuer',
    })
  }

  /** Whether there was no such issuer a moment ago. */
  isMissing(issuer: string): boolean {
    return this.#missing.has(issuer)
  }

  isUnderWay(issuer: string): boolean {
    return this.#underWay.has(issuer)
  }

  /**
   * @param known What others have found meanwhile.
   * @returns the refusal `temporarily_unavailable` where we cannot know.
   */
  async find(issuer: string, sender: Sender, known: () => Found): Promise<Looked> {
    const needless = (): boolean =>
      this.isUnderWay(issuer) || this.isMissing(issuer) || known() !== undefined
    while (!needless()) {
      const work = async (): Promise<{ found: Looked }> => ({ found: await this.#resolve(issuer) })
      const answer = await attempt(() => this.#places.run(work, sender, { needless }))
      if (answer instanceof AuthError) return answer
      if (answer !== undefined) return answer.found
    }
    return known() ?? this.#underWay.get(issuer)
  }

  #resolve(issuer: string): Promise<Looked> {
    const running = this.#underWay.get(issuer)
    if (running !== undefined) return running
    const resolving = this.#ask(issuer).finally(() => this.#underWay.delete(issuer))
    this.#underWay.set(issuer, resolving)
    return resolving
  }

  #ask(issuer: string): Promise<Looked> {
    const { timer } = this.#context
    const asking = async (): Promise<Found> => {
      const resolving = Promise.resolve(this.#resolver.resolve(issuer))
      const options = await withDeadline(resolving, RESOLVE_DEADLINE_MS, timer)
      if (options !== undefined) return this.#take(issuer, options)
      if (issuer.length <= MAX_MISSING_CHARS) this.#missing.add(issuer)
      this.#answers.remove(issuer)
      return undefined
    }
    return attempt(asking, (cause) => unresolved(issuer, cause))
  }

  #take(issuer: string, options: IssuerOptions): Answer {
    const { check, timer } = this.#context
    const held = this.#answers.peek(issuer)
    check.known(options, KNOWN_ISSUER_OPTIONS)
    if (held?.renew(options) === true) return held
    const kept = held?.keysFor(options)
    const policy = compileIssuer(options, { ...this.#context, keys: kept })
    if (!policy.issuers.includes(issuer)) {
      throw new TypeError(`resolve() returned the options of ${policy.issuers.join(', ')}`)
    }
    const answer = new Answer(policy, options, { lifetime: this.#lifetime, timer, kept })
    this.#answers.replace(issuer, answer)
    return answer
  }
}

/** We cannot know whether there is such an issuer: never the fault of a token. */
export function unresolved(issuer: string, cause: unknown): AuthError {
  return new AuthError('temporarily_unavailable', {
    reason: 'issuer_unresolved',
    detail: `The issuer ${issuer} could not be resolved: ${messageOf(cause)}`,
    cause,
  })
}
