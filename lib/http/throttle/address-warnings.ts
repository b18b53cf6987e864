import type { IncomingMessage } from 'node:http'
import { warn, type WarningCode } from '../../core/events/warnings.js'
import { addressOf, isAddress, socketOf } from '../request/client-network.js'

/**
 * Warns, once each, where a limit by network counts for other networks than the app believes: then
 * everybody is one network, and shares one limit.
 */
export function createAddressWarnings(factory: string): (req: IncomingMessage) => void {
  const warned = new Set<WarningCode>()
  return (req) => {
    const code = faultOf(req)
    if (code === undefined || warned.has(code)) return
    warned.add(code)
    warn(code, `${factory}: ${TEXTS[code]}`)
  }
}

const TEXTS = {
  ERS_TRUST_PROXY:
    "a request has X-Forwarded-For, but \"trust proxy\" is not set, so that it is counted for the address that connected. Behind a proxy, app.set('trust proxy', <number of proxies>), or all clients share one limit; without one, this was a client's own doing and needs nothing",
  ERS_CLIENT_ADDRESS:
    'a request came from no IP address that this process knows, so that it shares one limit with all others of the kind. Behind a unix socket, set "trust proxy"; let the proxy write an address into X-Forwarded-For, and no name',
} as const

/** X-Forwarded-For itself is never believed: anybody can write it. */
function faultOf(req: IncomingMessage): keyof typeof TEXTS | undefined {
  const address = addressOf(req)
  const socket = socketOf(req)
  // Node knows no address any more of a connection that was cut meanwhile.
  if (!isAddress(address)) return socket?.destroyed === false ? 'ERS_CLIENT_ADDRESS' : undefined
  if (req.headers['x-forwarded-for'] === undefined) return undefined
  return address === socket?.remoteAddress && !trustsProxies(req) ? 'ERS_TRUST_PROXY' : undefined
}

interface ExpressSettings {
  enabled(setting: string): boolean
}

/** An address that was set from a trusted proxy's header may be the one that connected, all the same. */
function trustsProxies(req: IncomingMessage & { readonly app?: ExpressSettings }): boolean {
  return req.app?.enabled('trust proxy') === true
}
