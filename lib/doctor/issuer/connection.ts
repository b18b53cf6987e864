import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { boundedFetch } from '../../net/fetch/bounded-fetch.js'
import { proxyFor } from '../../net/network/network.js'
import type { IssuerPolicy } from '../../tokens/issuers/policy/policy.js'
import { notFetched } from '../fetch-faults.js'
import { finding, type Finding } from '../finding.js'

/** Proxy, TLS and clock on the way to the keys: one exchange tells of all three. */
export async function* examineConnection(
  url: URL,
  policy: Pick<IssuerPolicy, 'network' | 'clockToleranceSeconds'>,
  deadlineMs: number,
): AsyncGenerator<Finding> {
  const { network } = policy
  try {
    const proxy = await proxyFor(url, network)
    const limits = { signal: AbortSignal.timeout(deadlineMs), maxBytes: 0, network }
    const from = performance.now()
    const facts = await boundedFetch(url, {}, limits, factsOf)
    const tookMs = performance.now() - from
    // Without its credentials.
    const way = proxy === undefined ? 'without a proxy' : `by the proxy ${proxy.host}`
    yield finding('connection', 'ok', `${url.host} answers in ${Math.round(tookMs)} ms, ${way}`)
    yield judgeTls(url, facts)
    yield judgeClock(facts, tookMs / 1000, policy.clockToleranceSeconds)
  } catch (error) {
    yield notFetched('connection', error)
  }
}

interface Facts {
  readonly date: string | undefined
  readonly protocol: string | undefined
  /** End of life of the server's certificate. */
  readonly validTo: string | undefined
  /** Our clock when the answer was there, in seconds. */
  readonly now: number
}

function factsOf({ socket, headers }: IncomingMessage): Facts {
  const tls = socket instanceof TLSSocket ? socket : undefined
  return {
    date: headers.date,
    protocol: tls?.getProtocol() ?? undefined,
    validTo: tls?.getPeerCertificate().valid_to,
    now: Date.now() / 1000,
  }
}

const DAY_SECONDS = 86_400
const RENEWAL_DAYS = 14

function judgeTls(url: URL, { protocol, validTo, now }: Facts): Finding {
  if (protocol === undefined || validTo === undefined) {
    return finding('tls', 'warning', `None: ${url.protocol}//${url.host} is plain http`, {
      cause: 'The issuer is on this machine, or "dangerouslyAllowHttp" names its host.',
      fix: 'Use https wherever somebody else could listen or answer in between.',
    })
  }
  const days = Math.floor((Date.parse(validTo) / 1000 - now) / DAY_SECONDS)
  const detail = `${protocol}, the certificate is valid for ${days} more days`
  if (days >= RENEWAL_DAYS) return finding('tls', 'ok', detail)
  return finding('tls', 'warning', detail, {
    cause: 'Nobody has renewed it yet.',
    fix: 'See that it is renewed in time: after that, no key can be fetched.',
  })
}

/** `Date` knows whole seconds, and was written somewhere within the exchange. */
function judgeClock({ date, now }: Facts, tookSeconds: number, toleranceSeconds: number): Finding {
  const theirs = Date.parse(date ?? '') / 1000
  if (!Number.isFinite(theirs)) return finding('clock', 'skipped', 'The issuer sends no Date')
  const apart = Math.max(0, now - tookSeconds - (theirs + 1), theirs - now)
  const side = theirs > now ? 'behind' : 'ahead of'
  if (apart <= toleranceSeconds) {
    const seconds = apart < 1 ? 'less than a second' : `${Math.ceil(apart)} s`
    return finding('clock', 'ok', `Ours and that of the issuer are ${seconds} apart`)
  }
  return finding('clock', 'failed', `Ours is ${Math.ceil(apart)} s ${side} that of the issuer`, {
    cause: 'One of the two machines does not set its clock; "clockToleranceSeconds" is less.',
    fix: 'Set both clocks by NTP; a tolerance of up to 60 s helps meanwhile.',
  })
}
