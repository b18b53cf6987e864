import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import {
  clientCertHeader,
  type ClientCertHeaderOptions,
} from '../../../../lib/tokens/proof/mtls/client-cert-header.js'
import { ANN } from '../../../../tools/client-certificates.js'

/** Her own alone, without those above it. */
const certificate = new X509Certificate(ANN.cert)
const { raw } = certificate
const TEXT = certificate.toString()
const BYTES = `:${raw.toString('base64')}:`
const PEM = encodeURIComponent(TEXT)

interface Sent {
  readonly lines?: readonly string[]
  readonly address?: string | undefined
  readonly name?: string
}

/** What is read, in words. */
function read(options: Partial<ClientCertHeaderOptions>, sent: Sent): string {
  const reader = clientCertHeader({ trustedProxies: ['10.0.0.0/8', '::1'], ...options })
  const { lines = [BYTES], name: sentName = 'client-cert' } = sent
  const address = 'address' in sent ? sent.address : '10.1.2.3'
  const found = reader.read({
    headerLines: (name: string) => (name === sentName ? lines : []),
    peer: address === undefined ? undefined : { address, certificate: () => undefined },
  } as never)
  if (found === undefined) return 'none'
  if (found instanceof AuthError) return found.reason
  return Buffer.from(found).equals(raw) ? 'ann' : 'another'
}

describe('the certificate in a header', () => {
  it.each<[string, Sent, string]>([
    ['is read from a proxy that is trusted', {}, 'ann'],
    ['with spaces around it', { lines: [` ${BYTES} `] }, 'ann'],
    ['from a trusted address', { address: '::1' }, 'ann'],
    [
      'from a trusted address, as sockets for both kinds spell it',
      { address: '::ffff:10.1.2.3' },
      'ann',
    ],
    ['not from another network', { address: '11.0.0.1' }, 'untrusted_certificate_header'],
    ['not from another address', { address: '::2' }, 'untrusted_certificate_header'],
    ['not from nowhere', { address: undefined }, 'untrusted_certificate_header'],
    ['not from an address that is none', { address: '10.1.2' }, 'untrusted_certificate_header'],
    ['is none where none came', { lines: [] }, 'none'],
    ['is none where none came from anybody', { lines: [], address: '11.0.0.1' }, 'none'],
    ['is not one of several', { lines: [BYTES, BYTES] }, 'wrong_certificate'],
    ['is not without colons', { lines: [BYTES.slice(1, -1)] }, 'wrong_certificate'],
    ['is not what is no base64', { lines: [':!:'] }, 'wrong_certificate'],
    ['is not what is no certificate', { lines: [':AAAA:'] }, 'wrong_certificate'],
    [
      'is not with bytes behind it',
      { lines: [`:${Buffer.concat([raw, Buffer.from([0])]).toString('base64')}:`] },
      'wrong_certificate',
    ],
    ['is not a list of two', { lines: [`${BYTES}, ${BYTES}`] }, 'wrong_certificate'],
    ['is not longer than any', { lines: [`:${'A'.repeat(16_384)}:`] }, 'wrong_certificate'],
    ['is not as PEM', { lines: [PEM] }, 'wrong_certificate'],
  ])('%s', (_name, sent, expected) => {
    expect(read({}, sent)).toBe(expected)
  })

  it.each<[string, string, string]>([
    ['is read', PEM, 'ann'],
    ['is read without its last line break', encodeURIComponent(TEXT.trim()), 'ann'],
    ['is not what is badly encoded', '%zz', 'wrong_certificate'],
    ['is not one of two', PEM + PEM, 'wrong_certificate'],
    ['is not with a text in front', `x${PEM}`, 'wrong_certificate'],
    ['is not a chain', encodeURIComponent(ANN.cert), 'wrong_certificate'],
    ['is not a key', encodeURIComponent(ANN.key), 'wrong_certificate'],
    ['is not as bytes', BYTES, 'wrong_certificate'],
  ])('as PEM %s', (_name, value, expected) => {
    expect(read({ format: 'pem' }, { lines: [value] })).toBe(expected)
  })

  it('may stand in a header of another name, in any case', () => {
    const options = { header: 'X-Client-Cert' }
    expect(read(options, { name: 'x-client-cert' })).toBe('ann')
    expect(read(options, {})).toBe('none')
  })
})

describe('an option', () => {
  it.each<[object, string]>([
    [{ trustedProxies: [] }, '"trustedProxies" must be a non-empty string'],
    [{ trustedProxies: ['proxy.test'] }, '"trustedProxies" must hold addresses and networks'],
    [{ trustedProxies: ['10.0.0.0/0'] }, '"trustedProxies" must hold'],
    [{ trustedProxies: ['10.0.0.0/33'] }, '"trustedProxies" must hold'],
    [{ trustedProxies: ['10.0.0.0/8/8'] }, '"trustedProxies" must hold'],
    [{ trustedProxies: ['10.0.0.0/'] }, '"trustedProxies" must hold'],
    [{ trustedProxies: ['10.0.0.0/1e1'] }, '"trustedProxies" must hold'],
    [{ trustedProxies: ['::/129'] }, '"trustedProxies" must hold'],
    [{ header: 'a b' }, '"header" must be the name of a header'],
    [{ header: '' }, '"header" must be a non-empty string'],
    [{ format: 'der' }, '"format" must be'],
    [{ proxies: [] }, 'unknown option "proxies"'],
  ])('%j is refused', (options, complaint) => {
    const whole = { trustedProxies: ['::1'], ...options }
    expect(() => clientCertHeader(whole)).toThrow(`clientCertHeader: ${complaint}`)
  })

  it.each(['10.0.0.0/32', '::/128', '10.0.0.0/1', '::1', '10.0.0.1'])('may trust %s', (proxy) => {
    expect(() => clientCertHeader({ trustedProxies: [proxy] })).not.toThrow()
  })
})
