import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { peerOf } from '../../../lib/http/request/peer.js'

const DER = new Uint8Array([0x30, 0x00])

describe('peerOf', () => {
  it.each([
    [
      'a client with a certificate',
      { remoteAddress: '192.0.2.1', getPeerX509Certificate: () => ({ raw: DER }) },
      { address: '192.0.2.1', certificate: DER },
    ],
    [
      'one without, over TLS',
      { remoteAddress: '::1', getPeerX509Certificate: () => undefined },
      { address: '::1', certificate: undefined },
    ],
    ['plain http', { remoteAddress: '::1' }, { address: '::1', certificate: undefined }],
    ['a unix socket', {}, { address: '', certificate: undefined }],
    ['a request made by hand', undefined, { address: '', certificate: undefined }],
  ])('knows the other end by the connection: %s', (_name, socket, expected) => {
    const peer = peerOf({ socket, headers: {} } as unknown as IncomingMessage)
    expect({ ...peer, certificate: peer.certificate() }).toEqual(expected)
  })
})
