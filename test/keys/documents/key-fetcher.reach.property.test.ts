import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Socket, isIP, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { isRecord } from '../../../lib/core/values.js'
import { documentsBy } from '../../../lib/keys/documents/documents.js'
import { createKeyFetcher } from '../../../lib/keys/documents/key-fetcher.js'
import { wellKnownUrls } from '../../../lib/keys/documents/metadata.js'
import type { Network } from '../../../lib/net/network/network.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { networkOf } from '../../support/network.js'
import { FUZZ_RUNS } from '../../support/runs.js'

/** Each run opens some ten sockets. */
const RUNS = Math.ceil(FUZZ_RUNS / 5)
const LISTENING = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']
const FORBIDDEN = [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '100.100.100.200',
  '0.0.0.0',
  '224.0.0.1',
]
const NAMED_BY_OPERATOR = ['id.test', 'keys.test']
const HOSTS = [
  ...NAMED_BY_OPERATOR,
  'evil.test',
  'sub.keys.test',
  'keys.test.',
  'localhost',
  '127.0.0.1',
  '127.0.0.4',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '2130706433',
  '0x7f000001',
  '169.254.169.254',
  '[::ffff:a9fe:a9fe]',
  '0',
]

type Page =
  | { readonly kind: 'metadata'; readonly ofIssuer: boolean; readonly to: string }
  | { readonly kind: 'redirect'; readonly status: number; readonly to: string }
  | { readonly kind: 'keys' | 'none' }

interface Dialled {
  readonly host: string
  readonly address: string
}

const servers: Server[] = []
let port = 0
let key: SigningKey
let pages: readonly Page[]
let answered: number
/** Suites before this one in its process may leave clients that still dial: those are not ours. */
const watched = new AsyncLocalStorage<Dialled[]>()
// oxlint-disable-next-line typescript/unbound-method -- it is called on each socket, below
const { connect } = Socket.prototype

beforeAll(async () => {
  key = await createSigningKey('key-1', 'ES256')
  for (const address of LISTENING) {
    const server = createServer(answer)
    servers.push(server.listen(port, address))
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
})

afterAll(() => {
  for (const server of servers) server.close()
})

beforeEach(() => {
  // All that is dialled, of whatever protocol, is seen where Node does it.
  Object.defineProperty(Socket.prototype, 'connect', {
    configurable: true,
    writable: true,
    value: dial,
  })
})

afterEach(() => {
  Socket.prototype.connect = connect
})

function dial(this: Socket, ...given: readonly unknown[]): unknown {
  const [first] = given
  const options: unknown = Array.isArray(first) ? first[0] : first
  const host: unknown = isRecord(options) ? options['host'] : undefined
  const name = typeof host === 'string' ? host : ''
  const dialled = watched.getStore()
  this.on('connectionAttempt', (address: string) => dialled?.push({ host: name, address }))
  const socket: unknown = Reflect.apply(connect, this, given)
  return socket
}

function answer(_req: IncomingMessage, res: ServerResponse): void {
  const page = pages[answered % pages.length]!
  answered += 1
  res.setHeader('content-type', 'application/json')
  switch (page.kind) {
    case 'metadata':
      res.end(
        JSON.stringify({
          issuer: page.ofIssuer ? issuerUrl() : `http://evil.test:${port}`,
          jwks_uri: page.to.replaceAll('PORT', String(port)),
        }),
      )
      break
    case 'redirect':
      res.writeHead(page.status, { location: page.to.replaceAll('PORT', String(port)) }).end()
      break
    case 'keys':
      res.end(JSON.stringify({ keys: [key.jwk] }))
      break
    case 'none':
      res.writeHead(404).end()
  }
}

const issuerUrl = (): string => `http://id.test:${port}`

const url = fc
  .tuple(fc.constantFrom('http', 'https'), fc.constantFrom(...HOSTS), fc.constantFrom('/keys', '/'))
  .map(([scheme, host, path]) => `${scheme}://${host}:PORT${path}`)
const page: fc.Arbitrary<Page> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('metadata' as const),
      ofIssuer: fc.constant(true),
      to: url,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('metadata' as const),
      ofIssuer: fc.constant(false),
      to: url,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('redirect' as const),
      status: fc.constantFrom(301, 302, 303, 307, 308),
      to: url,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('keys' as const, 'none' as const) }) },
)
/** The answers of DNS, one for each look-up, whatever the name: they change while we look. */
const dns = fc.array(
  fc.array(fc.constantFrom(...LISTENING, ...LISTENING, '::1', ...FORBIDDEN), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 6 },
)
const scenario = fc.record({ pages: fc.array(page, { minLength: 1, maxLength: 6 }), dns })

/** Two refreshes: by all metadata, then by what was learnt. @returns what was dialled. */
async function dialledIn(
  { pages: answers, dns: found }: { pages: readonly Page[]; dns: readonly (readonly string[])[] },
  publicOnly: boolean,
): Promise<readonly Dialled[]> {
  pages = answers
  answered = 0
  const dialled: Dialled[] = []
  let looked = 0
  const network: Network = {
    ...networkOf(
      [issuerUrl()],
      {
        proxy: false,
        dangerouslyAllowHttp: NAMED_BY_OPERATOR,
        allowLoopback: NAMED_BY_OPERATOR,
      },
      publicOnly,
    ),
    resolve(_name, _options, callback) {
      const addresses = found[looked % found.length]!
      looked += 1
      callback(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      )
    },
  }
  const target = {
    discoveryUrls: wellKnownUrls(issuerUrl()),
    issuers: [issuerUrl()],
    allowTemplate: false,
  }
  let now = 0
  const fetcher = createKeyFetcher(target, documentsBy(network, 65_536), () => now)
  for (let refresh = 0; refresh < 2; refresh += 1) {
    const fetching = watched.run(dialled, async () => fetcher.fetch(AbortSignal.timeout(1000)))
    await fetching.then(
      ({ place }) => place,
      () => undefined,
    )
    now += 86_400_000
  }
  return dialled
}

const isAllowed = ({ host, address }: Dialled): boolean =>
  NAMED_BY_OPERATOR.includes(host) && [...LISTENING, '::1'].includes(address)

it('no metadata, redirect or DNS answer has a socket dial what the operator did not name', async () => {
  const reached = new Set<string>()
  const property = fc.asyncProperty(scenario, async (given) => {
    const seen = await dialledIn(given, false)
    for (const { host, address } of seen) reached.add(`${host} ${address}`)
    expect(seen.filter((each) => !isAllowed(each))).toEqual([])
  })
  await fc.assert(property, { numRuns: RUNS })
  // It dials at all, both hosts, and what DNS says.
  const hosts = [...reached].map((each) => each.split(' ')[0])
  expect(new Set(hosts)).toEqual(new Set(['id.test', 'keys.test']))
  expect(reached.size).toBeGreaterThan(4)
})

it('no socket dials this machine where private networks are forbidden, whatever is allowed besides', async () => {
  const property = fc.asyncProperty(scenario, async (given) => {
    expect(await dialledIn(given, true)).toEqual([])
  })
  await fc.assert(property, { numRuns: RUNS })
})
