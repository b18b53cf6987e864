import type { Clock, Timer } from '../../core/clock.js'
import { AuthError, invalidToken, workDenied } from '../../core/verdicts/errors.js'
import type { AuthEvent } from '../../core/events/events.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import { NOBODY, PATIENCE_MS, type Sender } from '../../core/queue/sender.js'
import { FetchError } from '../../net/fetch-error.js'
import type { Credential } from '../access/credential.js'
import type { VerifiedToken } from '../access/entries.js'
import { SingleFlight } from '../access/single-flight.js'
import { TokenCache, type TokenCacheLimits } from '../access/token-cache.js'
import type { Possession } from '../proof/binding/possession.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import type { Answer } from './asking/answer.js'
import { callEndpoint } from './asking/call.js'
import { judgingAnswerAgain } from './judging/judge-again.js'
import { EndpointLocator } from './asking/endpoint.js'
import { ActiveEntry, InactiveEntry } from './judging/entries.js'
import { meaningOf } from './judging/meaning.js'
import type { IntrospectionSettings } from './asking/options.js'
import { Outages } from './limits/outages.js'
import { Turns } from './limits/turns.js'

export interface IntrospectorSetup {
  readonly settings: IntrospectionSettings
  /** Whose tokens are asked about. */
  readonly issuer: string
  readonly clock: Clock
  readonly possession: Possession
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
}

/** Asks one endpoint as one client, and remembers what it said. */
export interface Introspector {
  /** The last answer about this credential, if it may still be believed. */
  recall(credentialText: string, ofJwt: boolean): ActiveEntry | AuthError | undefined
  /** Asks, unless somebody is asking already. @param verified What was verified, where it is a JWT. */
  ask(
    credential: Credential,
    credentialText: string,
    policy: IssuerPolicy,
    sender: Sender,
    verified?: VerifiedToken,
  ): Outcome<ActiveEntry>
  /** Ends calls under way, and begins none. */
  close(): void
}

const ACTIVE: TokenCacheLimits = { maxEntries: 10_000, maxBytes: 16_777_216 }
const INACTIVE: TokenCacheLimits = { maxEntries: 10_000, maxBytes: 16_777_216 }
/** For an open stream the issuer is asked no sooner again: thousands of them must be no flood. */
const STREAM_MS = 30_000
/** The user may have been let in by now. */
const MAX_INACTIVE_MS = 10_000

interface Asking {
  readonly credential: Credential
  readonly credentialText: string
  readonly policy: IssuerPolicy
  readonly sender: Sender
  readonly verified: VerifiedToken | undefined
}

interface Begun {
  /** On the Timer. */
  readonly at: number
  readonly isOfRevoked: boolean
}

export function createIntrospector(options: IntrospectorSetup): Introspector {
  const { settings, clock, timer, possession } = options
  const active = new TokenCache<ActiveEntry>(ACTIVE)
  const inactive = new TokenCache<InactiveEntry>(INACTIVE)
  const flight = new SingleFlight<ActiveEntry>()
  const locator = new EndpointLocator(settings, timer)
  const outages = new Outages(options)
  const turns = new Turns(timer)
  const closing = new AbortController()

  async function question(asking: Asking): Promise<Answer | AuthError> {
    const { credential, policy, sender } = asking
    const abort = new AbortController()
    const end = (): void => abort.abort()
    const cancel = timer.after(remainingMs(sender), end)
    closing.signal.addEventListener('abort', end, { once: true })
    const { signal } = abort
    try {
      const endpoint = await locator.locate(policy, signal)
      const { token } = credential
      const asked = { token, endpoint, policy, settings, clock, sender, signal }
      const answer = await callEndpoint(asked)
      if (!(answer instanceof AuthError)) outages.over()
      return answer
    } catch (error) {
      if (error instanceof FetchError) return outages.failed(error)
      throw error
    } finally {
      cancel()
      closing.signal.removeEventListener('abort', end)
    }
  }

  function remainingMs({ arrivedAt }: Sender): number {
    const all = Math.max(settings.timeoutMs, PATIENCE_MS)
    return Math.max(1, Math.min(settings.timeoutMs, arrivedAt + all - timer.now()))
  }

  async function askInTurn(asking: Asking): Promise<ActiveEntry | AuthError> {
    const { credentialText, sender } = asking
    // One whose issuer knew it a moment ago is no guess, and waits behind nobody's.
    const before = active.get(credentialText)
    const begun = { at: timer.now(), isOfRevoked: before?.isRevoked === true }
    const answer = await turns.run(() => question(asking), sender, before !== undefined)
    return answer instanceof AuthError ? answer : settle(answer, asking, begun)
  }

  function settle(answer: Answer, asking: Asking, begun: Begun): ActiveEntry | AuthError {
    const { credential, credentialText, policy, verified } = asking
    const { token, transport } = credential
    const { mayLackType } = settings
    const asked = { token, transport, verified: verified?.auth, mayLackType }
    const meaning = meaningOf(answer, asked, policy, clock())
    if (!answer.active) remember(credentialText, begun.at)
    if (meaning instanceof AuthError) {
      active.delete(credentialText)
      return meaning
    }
    const need = possession.needOf(meaning.auth.claims, credential.scheme)
    const facts = { credentialText, policy, key: answer.key, ofJwt: verified !== undefined, need }
    const { at, isOfRevoked } = begun
    const staleAt = at + settings.cacheMs
    const without = withoutRequest(asking)
    const judgeAgain = judgingAnswerAgain({
      verified,
      clock,
      timer,
      until: Math.max(staleAt, at + STREAM_MS),
      askAgain: () => ask(without),
    })
    const entry = new ActiveEntry({ ...facts, staleAt, isOfRevoked, judgeAgain }, meaning)
    active.set(entry)
    return entry
  }

  function remember(credentialText: string, begunAt: number): void {
    const staleAt = begunAt + Math.min(settings.cacheMs, MAX_INACTIVE_MS)
    inactive.set(new InactiveEntry(credentialText, staleAt))
  }

  function ask(asking: Asking): Outcome<ActiveEntry> {
    const closed = closing.signal.aborted ? outages.closed() : outages.current()
    if (closed !== undefined) return closed
    if (asking.credential.throttled === true) return workDenied('asking its issuer about it')
    return flight.run(asking.credentialText, asking.sender, (sender) =>
      askInTurn({ ...asking, sender }),
    )
  }

  return {
    recall(credentialText, ofJwt) {
      const entry = active.get(credentialText)
      if (entry?.ofJwt === ofJwt && entry.stands(timer.now(), clock())) return entry
      const refused = inactive.get(credentialText)
      return refused !== undefined && timer.now() < refused.staleAt
        ? invalidToken('inactive_token', 'The issuer said a moment ago that it is not active')
        : undefined
    },
    ask: (credential, credentialText, policy, sender, verified) =>
      ask({ credential, credentialText, policy, sender, verified }),
    close: () => closing.abort(),
  }
}

/** An entry must keep no request alive. */
function withoutRequest({ credential, credentialText, policy, verified }: Asking): Asking {
  const { token, transport, scheme = 'Bearer' } = credential
  return {
    credential: { token, transport, scheme },
    credentialText,
    policy,
    verified,
    sender: NOBODY,
  }
}
