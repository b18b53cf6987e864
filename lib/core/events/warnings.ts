/** Said once in the life of a process or of a guard, explained to a developer. */
export interface WarningRow {
  readonly meaning: string
  /** The most likely cause. */
  readonly cause: string
  readonly fix: string
}

const WARNINGS = {
  ERS_GUARD_MISPLACED: {
    meaning: 'A guard found no requireBearer in front of it, and answers 500.',
    cause: 'The guard is mounted first, or requireBearer on another router.',
    fix: 'Mount requireBearer on the same route, before the guard.',
  },
  ERS_TRUST_PROXY: {
    meaning: 'Requests have X-Forwarded-For, which is ignored while "trust proxy" is not set.',
    cause: 'The app stands behind a proxy and takes all clients for one address.',
    fix: 'Set "trust proxy" to the number of proxies; without a proxy, nothing need be done.',
  },
  ERS_CLIENT_ADDRESS: {
    meaning: 'A limit by network meets clients without an IP address, who all share one count.',
    cause: 'The app listens on a unix socket, or a proxy writes a name into X-Forwarded-For.',
    fix: 'Set "trust proxy", and let the proxy write addresses into X-Forwarded-For.',
  },
  ERS_NO_ORIGIN: {
    meaning: 'Browsers without Sec-Fetch-Site are judged by the Host header, which clients choose.',
    cause: 'The option "origin" is not set in production.',
    fix: 'Set "origin" to the public origin of this server.',
  },
  ERS_MEMORY_STORE: {
    meaning: 'Revocations are held in this process only, and a restart forgets them.',
    cause: 'The app uses memoryRevocationStore.',
    fix: 'Use redisRevocationStore in production.',
  },
  ERS_REDIS_EVICTION: {
    meaning: 'Redis may evict revocations when its memory is full.',
    cause: 'Its maxmemory-policy is one for a cache.',
    fix: 'Set maxmemory-policy to noeviction, or maxmemory to 0.',
  },
  ERS_LOGOUT_ENDS_NOTHING: {
    meaning: 'The issuer ended a session here, and its access tokens name no session to end.',
    cause: 'Its logout tokens carry "sid", and its access tokens do not.',
    fix: 'Let access tokens carry "sid", or give backChannelLogout endBy: \'subject\'.',
  },
  ERS_MISSING_PEER: {
    meaning: 'A package that this function needs cannot be loaded, so that its requests fail.',
    cause: 'An optional peer dependency is not installed.',
    fix: 'Run the npm install that the warning names.',
  },
  ERS_ISSUER_ALLOW: {
    meaning: 'The allow() of an issuer resolver failed, and so admitted nothing.',
    cause: 'It throws for an issuer that it does not expect, as new URL(issuer) does.',
    fix: 'Return false for whatever is no issuer of yours.',
  },
  ERS_IS_FAILURE: {
    meaning: 'The isFailure() of authRateLimit failed, so that the attempt counts as a failure.',
    cause: 'It throws, or the promise that it returns rejects.',
    fix: 'Return true or false at once.',
  },
  ERS_EVENT_LISTENER: {
    meaning: 'An onEvent listener failed, and its events are being lost.',
    cause: 'The listener throws, or the promise that it returns rejects.',
    fix: 'Catch errors in the listener; requests are served all the same.',
  },
  ERS_REFUSED: {
    meaning: 'A request was refused: told of the first of each reason, outside production.',
    cause: 'The reason that the warning names, which has a section of its own on this page.',
    fix: 'Do as the warning says. "onEvent" hears of each, and "advice: false" ends these lines.',
  },
  ERS_KEYS_UNAVAILABLE: {
    meaning: 'The keys of an issuer cannot be fetched, and nobody listens to events.',
    cause: 'The issuer is down, or this machine does not reach it.',
    fix: 'Try the URL that the warning names from this machine, and set "onEvent" to be told.',
  },
  ERS_KEYS_RECOVERED: {
    meaning: 'The keys of an issuer can be fetched again.',
    cause: 'The outage that was told of before is over.',
    fix: 'Nothing need be done.',
  },
  ERS_STORE_UNAVAILABLE: {
    meaning: 'The revocation store cannot be asked, so that requests that need it are 503.',
    cause: 'Redis is down, refuses this user, or has lost data.',
    fix: 'Do as the warning says; docs/revocation.md explains each state.',
  },
  ERS_STORE_RECOVERED: {
    meaning: 'The revocation store answers again.',
    cause: 'The outage that was told of before is over.',
    fix: 'Nothing need be done.',
  },
} as const

export type WarningCode = keyof typeof WARNINGS

/** Every process warning, explained. docs/reasons.md is printed from it. */
export const WARNING_ROWS: Readonly<Record<WarningCode, WarningRow>> = WARNINGS

/** Each warning has a code of its own, so that `process.on('warning')` can tell them apart. */
export function warn(code: WarningCode, detail: string): void {
  process.emitWarning(detail, { code })
}
