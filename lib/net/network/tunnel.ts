import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { ensureFetchable, guardedLookup } from './address-guard.js'
import { bareAddress } from './allowance.js'
import { fetchErrorAt, FetchError } from '../fetch-error.js'
import type { Network } from './network.js'
import { USER_AGENT } from '../user-agent.js'

const MAX_HEADER_BYTES = 16_384

/**
 * A connection to `target` through a proxy (RFC 9110 §9.3.6). Only 200 makes one: any other answer is
 * the proxy's own, and must not pass for one of the issuer, which 304 would ("your keys still hold").
 *
 * @throws FetchError, without the credentials of the proxy.
 */
export async function openTunnel(
  proxy: URL,
  target: URL,
  network: Network,
  signal: AbortSignal,
): Promise<Socket> {
  const place = new URL(proxy.origin)
  const hosts = new Set([place.hostname])
  const allowance = { http: hosts, loopback: hosts, onThisMachine: false, publicOnly: false }
  try {
    ensureFetchable(place, allowance)
    return await connect(proxy, target, {
      signal,
      lookup: guardedLookup(place, allowance, network.resolve),
      ...(network.ca && { ca: [...network.ca] }),
    })
  } catch (error) {
    throw fetchErrorAt(place, error, 'The proxy ')
  }
}

function connect(proxy: URL, target: URL, options: RequestOptions): Promise<Socket> {
  const authority = `${target.hostname}:${target.port || (target.protocol === 'https:' ? 443 : 80)}`
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request({
      ...options,
      method: 'CONNECT',
      hostname: bareAddress(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      path: authority,
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: { host: authority, 'user-agent': USER_AGENT, ...credentialsOf(proxy) },
    })
      .on('connect', ({ statusCode = 0 }, socket, head) => {
        if (statusCode === 200 && head.length === 0) return resolve(socket)
        socket.destroy()
        reject(new FetchError(`The answer to CONNECT ${authority} is ${statusCode}`))
      })
      .on('error', reject)
      .on('close', () => reject(new FetchError('The connection closed without an answer')))
      .end()
  })
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
