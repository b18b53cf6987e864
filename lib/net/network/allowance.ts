import { isLoopbackName } from '../../core/loopback.js'

/**
 * Which hosts one issuer may be at, besides https at addresses that are not forbidden. Only the
 * operator widens it: nothing that a document, a redirect or DNS says does.
 */
export interface Allowance {
  /** Exact host names that may be reached over plain http. */
  readonly http: ReadonlySet<string>
  /** Exact host names that may be this machine. */
  readonly loopback: ReadonlySet<string>
  /** The operator put the issuer itself on this machine: its documents may name this machine too. */
  readonly onThisMachine: boolean
  /** Nothing but addresses of the public net, whatever the others allow: others than the operator chose the issuer. */
  readonly publicOnly: boolean
}

/** What a URL allows by being configured, where nothing else is. */
export function allowanceOf(configured: readonly URL[], publicOnly = false): Allowance {
  const none: ReadonlySet<string> = new Set()
  const onThisMachine =
    configured.length > 0 && configured.every(({ hostname }) => isLoopbackHostname(hostname))
  return { http: none, loopback: none, onThisMachine, publicOnly }
}

export function mayBeThisMachine(
  hostname: string,
  { loopback, onThisMachine, publicOnly }: Allowance,
): boolean {
  return !publicOnly && (onThisMachine || loopback.has(hostname))
}

/** The host of a URL, where IPv6 addresses have brackets. */
export function isLoopbackHostname(hostname: string): boolean {
  return isLoopbackName(bareAddress(hostname))
}

export function bareAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
