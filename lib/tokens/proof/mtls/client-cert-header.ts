import { X509Certificate } from 'node:crypto'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { embeddedIpv4 } from '../../../core/ip-address.js'
import { optionCheck, type OptionCheck } from '../../../core/options/option-check.js'
import { invalidToken } from '../../../core/verdicts/errors.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import type { ClientCertReader } from './mtls-options.js'

export interface ClientCertHeaderOptions {
  /** Addresses and networks of the proxies that set the header, like '10.0.0.0/8' or '::1'. Nobody else is believed. */
  readonly trustedProxies: readonly string[]
  /** Name of the header that holds the certificate. @default 'client-cert' (RFC 9440) */
  readonly header?: string | undefined
  /**
   * `rfc9440`: DER in base64 between colons. `pem`: URL-encoded PEM, as nginx (`$ssl_client_escaped_cert`)
   * and AWS load balancers (`X-Amzn-Mtls-Clientcert`) write it. @default 'rfc9440'
   */
  readonly format?: 'rfc9440' | 'pem' | undefined
}

/** No certificate of a client is longer; Node stops at 16 KiB for all headers together. */
const MAX_CHARS = 16_384

/**
 * Takes the certificate of the client from the header of a TLS proxy (RFC 9440). The proxy must remove
 * the header where a client sends it; from whoever connects to us otherwise, it is refused.
 *
 * @example
 * requireBearer({ issuer, audience, mtls: { certificate: clientCertHeader({ trustedProxies: ['10.0.0.0/8'] }) } })
 *
 * @throws TypeError at construction, for an unknown, missing or bad option.
 */
export function clientCertHeader(options: ClientCertHeaderOptions): ClientCertReader {
  const check = optionCheck('clientCertHeader')
  check.known(options, ['trustedProxies', 'header', 'format'])
  const proxies = compileProxies(check, options.trustedProxies)
  const name = (
    options.header === undefined ? 'client-cert' : check.string('header', options.header)
  ).toLowerCase()
  if (!/^[a-z][a-z0-9-]*$/.test(name)) check.refuse('header', 'be the name of a header', name)
  const format = check.oneOf('format', options.format, ['rfc9440', 'pem'], 'rfc9440')
  const decode = format === 'pem' ? derOfPem : derOfByteSequence

  return {
    read(head) {
      const [value, ...others] = head.headerLines(name)
      if (value === undefined) return undefined
      if (!isTrusted(proxies, head)) {
        const detail = `"${name}" came from an address that is not in "trustedProxies"`
        return invalidToken('untrusted_certificate_header', detail)
      }
      const der = others.length > 0 || value.length > MAX_CHARS ? undefined : decode(value)
      return der ?? invalidToken('wrong_certificate', `"${name}" does not hold one certificate`)
    },
  }
}

function isTrusted(proxies: BlockList, { peer }: RequestHead): boolean {
  const address = peer?.address ?? ''
  const plain = embeddedIpv4(address) ?? address
  return isIP(plain) !== 0 && proxies.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

/** RFC 9440 §2.2: one Byte Sequence of RFC 8941 §3.3.5. */
function derOfByteSequence(value: string): Uint8Array | undefined {
  const [, base64] = /^ *:([A-Za-z0-9+/]+={0,2}): *$/.exec(value) ?? []
  return base64 === undefined ? undefined : certificateIn(Buffer.from(base64, 'base64'))
}

const PEM =
  /^\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/\s]+={0,2})\s+-----END CERTIFICATE-----\s*$/

function derOfPem(value: string): Uint8Array | undefined {
  const text = decoded(value)
  const [, base64] = (text === undefined ? null : PEM.exec(text)) ?? []
  return base64 === undefined ? undefined : certificateIn(Buffer.from(base64, 'base64'))
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** Bytes around a certificate would change its hash, but not the reading of others. */
function certificateIn(der: Buffer): Uint8Array | undefined {
  try {
    const { raw } = new X509Certificate(der)
    return raw.equals(der) ? raw : undefined
  } catch {
    return undefined
  }
}

function compileProxies(check: OptionCheck, option: unknown): BlockList {
  const list = new BlockList()
  for (const entry of check.strings('trustedProxies', option)) {
    const [address = '', prefix, ...others] = entry.split('/')
    const version = isIP(address)
    const bits = prefix === undefined ? undefined : Number(prefix)
    const most = version === 6 ? 128 : 32
    const isPrefix = bits === undefined || (/^\d+$/.test(prefix ?? '') && bits >= 1 && bits <= most)
    if (version === 0 || others.length > 0 || !isPrefix) {
      check.refuse('trustedProxies', 'hold addresses and networks like 10.0.0.0/8', entry)
    }
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, bits, family)
  }
  return list
}
