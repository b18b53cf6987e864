import type { IncomingMessage } from 'node:http'
import { warn } from '../../core/verdicts/warnings.js'
import { addressOf, socketOf } from '../request/client-network.js'

/**
 * Warns, once, where a proxy's header comes and nobody reads it: then everybody behind that proxy is
 * one network, and shares one limit. The header itself is never believed: anybody can write it.
 */
export function createProxyWarning(factory: string): (req: IncomingMessage) => void {
  let warned = false
  return (req) => {
    if (warned || req.headers['x-forwarded-for'] === undefined) return
    if (addressOf(req) !== socketOf(req)?.remoteAddress || trustsProxies(req)) return
    warned = true
    warn(
      'ERS_TRUST_PROXY',
      `${factory}: a request has X-Forwarded-For, but "trust proxy" is not set, so that it is counted for the address that connected. Behind a proxy, app.set('trust proxy', <number of proxies>), or all clients share one limit; without one, this was a client's own doing and needs nothing`,
    )
  }
}

interface ExpressSettings {
  enabled(setting: string): boolean
}

/** An address that was set from a trusted proxy's header may be the one that connected, all the same. */
function trustsProxies(req: IncomingMessage & { readonly app?: ExpressSettings }): boolean {
  return req.app?.enabled('trust proxy') === true
}
