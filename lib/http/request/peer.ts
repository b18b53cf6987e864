import type { IncomingMessage } from 'node:http'
import type { X509Certificate } from 'node:crypto'
import type { Peer } from './request-head.js'

type MaybeTls = IncomingMessage['socket'] & {
  readonly getPeerX509Certificate?: () => X509Certificate | undefined
}

/** A resumed TLS session and one kept alive have the certificate of their handshake (RFC 8705 §3). */
export function peerOf({ socket }: IncomingMessage): Peer {
  const tls: MaybeTls = socket
  return {
    address: socket.remoteAddress ?? '',
    certificate: () => tls.getPeerX509Certificate?.()?.raw,
  }
}
