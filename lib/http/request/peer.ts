import type { IncomingMessage } from 'node:http'
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { socketOf } from './client-network.js'
import type { Peer } from './request-head.js'

type MaybeTls = Socket & {
  readonly getPeerX509Certificate?: () => X509Certificate | undefined
}

/** A resumed TLS session and one kept alive have the certificate of their handshake (RFC 8705 §3). */
export function peerOf(req: IncomingMessage): Peer {
  const tls: MaybeTls | undefined = socketOf(req)
  return {
    address: tls?.remoteAddress ?? '',
    certificate: () => tls?.getPeerX509Certificate?.()?.raw,
  }
}
