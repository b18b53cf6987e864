import type { IncomingMessage } from 'node:http'
import { socketOf } from './client-network.js'

interface ExpressSettings {
  get?(setting: string): unknown
}

type ExpressRequest = IncomingMessage & { readonly app?: ExpressSettings }

const HOST = /^[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$/

/**
 * The origin in `X-Forwarded-Proto` and `X-Forwarded-Host`, where Express trusts whoever connected
 * ("trust proxy"). Both must be there, each with one value: a proxy that adds to what a client wrote
 * would hand us the client's.
 */
export function proxiedOrigin(req: ExpressRequest): string | undefined {
  const trusts: unknown = req.app?.get?.('trust proxy fn')
  if (typeof trusts !== 'function') return undefined
  const trusted: unknown = Reflect.apply(trusts, undefined, [socketOf(req)?.remoteAddress, 0])
  if (trusted !== true) return undefined
  const protocol = req.headers['x-forwarded-proto']
  const host = req.headers['x-forwarded-host']
  if (protocol !== 'https' && protocol !== 'http') return undefined
  if (typeof host !== 'string' || !HOST.test(host)) return undefined
  return `${protocol}://${host}`
}
