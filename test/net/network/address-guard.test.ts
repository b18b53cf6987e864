import { describe, expect, it } from '@jest/globals'
import { ensureFetchable, guardedLookup } from '../../../lib/net/network/address-guard.js'
import { ELSEWHERE, THIS_MACHINE } from '../../support/network.js'

function refused(host: string): boolean {
  try {
    ensureFetchable(new URL(`https://${host}/`), ELSEWHERE)
    return false
  } catch {
    return true
  }
}

/** Hosts that stand for an IPv4 address: mapped, compatible, translated, and at the end of a tunnel. */
function wrapped(address: string): readonly string[] {
  const bytes = address.split('.').map(Number)
  const hex = (mask: number): string =>
    bytes
      .map((byte) => (byte ^ mask).toString(16).padStart(2, '0'))
      .join('')
      .replace(/^..../, '$&:')
  return [
    `[::ffff:${address}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${address}]`,
    `[2002:${hex(0)}::1]`,
    `[2001:0:4136:e378:8000:63bf:${hex(0xff)}]`,
  ]
}

describe('ensureFetchable', () => {
  it.each([
    ['https://id.example.com/jwks'],
    ['https://192.0.2.1/jwks'],
    ['https://10.0.0.1/jwks'],
    ['https://[2001:db8::1]/jwks'],
  ])('takes %s', (url) => {
    expect(() => ensureFetchable(new URL(url), ELSEWHERE)).not.toThrow()
  })

  it.each([
    ['plain http', 'http://id.example.com/', /not https/],
    ['a file', 'file:///etc/passwd', /not https/],
    ['ftp', 'ftp://id.example.com/', /not https/],
    [
      'the metadata service over http, which no option allows',
      'http://169.254.169.254/',
      /metadata/,
    ],
    ['data', 'data:application/json,{}', /not https/],
    ['credentials', 'https://user:pass@id.example.com/', /carries credentials/],
    ['link-local', 'https://169.254.1.1/', /link-local/],
    ['the metadata service', 'https://169.254.169.254/latest', /metadata service/],
    ['the metadata service in decimal', 'https://2852039166/', /metadata service/],
    ['the metadata service in hexadecimal', 'https://0xa9fea9fe/', /metadata service/],
    ['the metadata service in octal', 'https://0251.0376.0251.0376/', /metadata service/],
    ['the metadata service, IPv4-mapped', 'https://[::ffff:169.254.169.254]/', /metadata/],
    ['the metadata service, IPv4-compatible', 'https://[::169.254.169.254]/', /metadata/],
    ['the metadata service by NAT64', 'https://[64:ff9b::a9fe:a9fe]/', /metadata service/],
    ['the metadata service by 6to4', 'https://[2002:a9fe:a9fe::]/', /metadata service/],
    ['the metadata service of IPv6', 'https://[fd00:ec2::254]/', /metadata service/],
    ['another metadata service', 'https://100.100.100.200/', /metadata service/],
    ['link-local IPv6', 'https://[fe80::1]/', /link-local/],
    ['this host', 'https://0.0.0.0/', /link-local/],
    ['this host in IPv6', 'https://[::]/', /link-local/],
    ['loopback by NAT64', 'https://[64:ff9b::7f00:1]/', /link-local/],
  ])('refuses %s (8725-20, 8414-09)', (_name, url, reason) => {
    expect(() => ensureFetchable(new URL(url), ELSEWHERE)).toThrow(reason)
    expect(() => ensureFetchable(new URL(url), THIS_MACHINE)).toThrow(reason)
  })

  it.each([
    ['http://keycloak:8080/', 'network: { dangerouslyAllowHttp: ["keycloak"] }'],
    ['https://id.localhost/', 'network: { allowLoopback: ["id.localhost"] }'],
    ['https://127.0.0.1/', 'network: { allowLoopback: ["127.0.0.1"] }'],
  ])('names the way out for %s', (url, wayOut) => {
    expect(() => ensureFetchable(new URL(url), ELSEWHERE)).toThrow(wayOut)
  })

  it.each(['http://169.254.169.254/', 'https://169.254.169.254/', 'https://[fe80::1]/'])(
    'names none for %s, since there is none',
    (url) => expect(() => ensureFetchable(new URL(url), ELSEWHERE)).toThrow(/^(?!.*network: )/),
  )

  it.each([
    'localhost',
    'id.localhost',
    '127.0.0.1',
    '127.1.2.3',
    '2130706433',
    '0x7f000001',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ])('takes http://%s only where the app named a loopback issuer (8725-20)', (host) => {
    expect(() => ensureFetchable(new URL(`http://${host}/`), THIS_MACHINE)).not.toThrow()
    expect(() => ensureFetchable(new URL(`http://${host}/`), ELSEWHERE)).toThrow(/this machine/)
    expect(() => ensureFetchable(new URL(`https://${host}/`), ELSEWHERE)).toThrow(/this machine/)
  })

  it.each([
    ['0.0.0.0/8', ['0.0.0.1', '0.255.255.255'], ['1.0.0.0']],
    ['169.254.0.0/16', ['169.254.0.0', '169.254.255.255'], ['169.253.255.255', '169.255.0.0']],
    ['one address of Alibaba', ['100.100.100.200'], ['100.100.100.199', '100.100.100.201']],
    ['one address of Azure', ['168.63.129.16'], ['168.63.129.15', '168.63.129.17']],
    ['one address of Oracle', ['192.0.0.192'], ['192.0.0.191', '192.0.0.193']],
    ['multicast', ['224.0.0.0', '239.255.255.255'], ['223.255.255.255', '240.0.0.1']],
    ['broadcast', ['255.255.255.255'], ['255.255.255.254']],
    ['fe80::/10', ['[fe80::]', '[febf:ffff::1]'], ['[fe7f::1]']],
    ['fec0::/10', ['[fec0::]', '[feff:ffff::1]'], []],
    ['multicast of IPv6', ['[ff00::]', '[ff02::1]', '[ffff::]'], []],
    ['one address of EC2', ['[fd00:ec2::254]'], ['[fd00:ec2::253]', '[fd00:ec2::255]']],
    ['one address of Google', ['[fd20:ce::254]'], ['[fd20:ce::253]', '[fd20:ce::255]']],
    ['the unspecified address', ['[::]'], ['[2::]']],
    ['IPv4-compatible 0/8', ['[::2]', '[::ff:ffff]'], ['[::100:1]']],
    ['IPv4-compatible 127/8', ['[::7f00:0]', '[::7fff:ffff]'], ['[::7eff:ffff]', '[::8000:0]']],
    [
      'IPv4-compatible 169.254/16',
      ['[::a9fe:0]', '[::a9fe:ffff]'],
      ['[::a9fd:ffff]', '[::a9ff:0]'],
    ],
    [
      'NAT64 of 127/8',
      ['[64:ff9b::7f00:0]', '[64:ff9b::7fff:ffff]'],
      ['[64:ff9b::7eff:ffff]', '[64:ff9b::8000:0]'],
    ],
    [
      'NAT64 of 169.254/16',
      ['[64:ff9b::a9fe:0]', '[64:ff9b::a9fe:ffff]'],
      ['[64:ff9b::a9fd:ffff]', '[64:ff9b::a9ff:0]'],
    ],
    [
      '6to4 of 127/8',
      ['[2002:7f00::1]', '[2002:7fff:ffff::1]'],
      ['[2002:7eff::1]', '[2002:8000::1]'],
    ],
    [
      '6to4 of 169.254/16',
      ['[2002:a9fe::1]', '[2002:a9fe:ffff::1]'],
      ['[2002:a9fd::1]', '[2002:a9ff::1]'],
    ],
  ])('refuses %s from end to end, and not its neighbours (8725-20)', (_name, inside, outside) => {
    expect([inside.filter((host) => !refused(host)), outside.filter(refused)]).toEqual([[], []])
  })

  it.each([
    '169.254.169.254',
    '127.0.0.1',
    '0.0.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
  ])('refuses %s in every notation, and takes its like of a good address', (address) => {
    const inside = wrapped(address).filter((host) => !refused(host))
    const outside = wrapped('192.0.2.1').filter(refused)
    expect([inside, outside]).toEqual([[], []])
  })

  it('refuses all prefixes of RFC 8215 (RFC 6052, section 2.2)', () => {
    // 169.254.169.254 behind 64:ff9b:1::/48, 64:ff9b:1:1200::/56 and 64:ff9b:1:1234::/64.
    const hosts = [
      '[64:ff9b:1:a9fe:a9:fe00::]',
      '[64:ff9b:1:12a9:fe:a9fe::]',
      '[64:ff9b:1:1234:a9:fea9:fe00:0]',
    ]
    expect(hosts.filter((host) => !refused(host))).toEqual([])
  })

  it.each([
    'ftp://localhost/',
    'file://localhost/etc/passwd',
    'ws://127.0.0.1/',
    'gopher://[::1]/',
  ])('refuses %s, on this machine as well', (url) => {
    expect(() => ensureFetchable(new URL(url), THIS_MACHINE)).toThrow(/not https/)
  })

  it.each(['https://user@id.example.com/', 'https://:pass@id.example.com/'])(
    'refuses half of the credentials as well: %s',
    (url) => {
      expect(() => ensureFetchable(new URL(url), ELSEWHERE)).toThrow(/carries credentials/)
    },
  )

  it('does not show the credentials of a URL', () => {
    const url = new URL('https://user:hunter2@id.example.com/')
    expect(() => ensureFetchable(url, ELSEWHERE)).not.toThrow(/hunter2/)
  })
})

/** What a socket to `url` would be given for a name. */
function resolve(name: string, url: string, allowLoopback: boolean): Promise<unknown> {
  return new Promise((done, reject) => {
    guardedLookup(new URL(url), allowLoopback ? THIS_MACHINE : ELSEWHERE)(
      name,
      { all: true },
      (error, addresses) => {
        if (error === null) done(addresses)
        else reject(error)
      },
    )
  })
}

describe('guardedLookup: names whose address only DNS tells', () => {
  it('refuses a name that leads to this machine, unless the issuer is here (8725-20)', async () => {
    await expect(resolve('localhost', 'https://id.example.com', false)).rejects.toThrow(
      /this machine/,
    )
    expect(await resolve('localhost', 'https://id.example.com', true)).not.toEqual([])
  })

  it('refuses a name that leads to a metadata service', async () => {
    await expect(resolve('169.254.169.254', 'https://id.example.com', true)).rejects.toThrow(
      /metadata service/,
    )
  })

  it('takes plain http to this machine, and https to anywhere else', async () => {
    expect(await resolve('127.0.0.1', 'http://id.localhost', true)).toEqual([
      { address: '127.0.0.1', family: 4 },
    ])
    expect(await resolve('192.0.2.1', 'https://id.example.com', false)).toEqual([
      { address: '192.0.2.1', family: 4 },
    ])
  })

  it('refuses plain http to a name that does not lead to this machine', async () => {
    await expect(resolve('192.0.2.1', 'http://id.localhost', true)).rejects.toThrow(/not https/)
  })

  it('gives one address to those who ask for one', async () => {
    const one = new Promise((done) => {
      guardedLookup(new URL('https://x.test'), ELSEWHERE)('192.0.2.1', {}, (...given) =>
        done(given),
      )
    })
    expect(await one).toEqual([null, '192.0.2.1', 4])
  })

  it('hands on that a name does not exist', async () => {
    await expect(resolve('nowhere.invalid', 'https://nowhere.invalid', false)).rejects.toThrow(
      /nowhere\.invalid/,
    )
  })
})
