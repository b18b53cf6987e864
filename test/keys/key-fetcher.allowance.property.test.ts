import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isIP } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { documentsBy } from '../../lib/keys/documents.js'
import { createKeyFetcher } from '../../lib/keys/key-fetcher.js'
import type { ResolveAll } from '../../lib/net/address-guard.js'
import { FetchError } from '../../lib/net/fetch-error.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { networkOf } from '../support/network.js'
import { serveDocuments, type DocumentServer } from '../support/documents.js'

const FORBIDDEN = [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  'fe80::1',
  '100.100.100.200',
  '0.0.0.0',
]
const LOOPBACK = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']
/** TEST-NET and documentation addresses: nothing answers there. */
const ELSEWHERE = ['192.0.2.1', '2001:db8::1']
const HOSTS = ['issuer.test', 'inside.test', 'local.test', 'evil.test', 'localhost']

let server: DocumentServer
let port: string
/** Addresses that this process began to connect to. */
let dialled: string[] = []

beforeAll(async () => {
  server = await serveDocuments()
  port = new URL(server.url).port
  subscribe('http.client.request.start', note)
})

afterEach(() => {
  dialled = []
})

afterAll(async () => {
  unsubscribe('http.client.request.start', note)
  await server.close()
})

/** What Node is about to connect to, whoever asked for it. */
function note(message: unknown): void {
  const { request } = message as { readonly request: ClientRequest }
  request.on('socket', (socket) => {
    socket.on('connectionAttempt', (address: string) => {
      dialled.push(address)
    })
  })
}

const host = fc.oneof(
  fc.constantFrom(...HOSTS),
  fc
    .constantFrom(...FORBIDDEN, ...LOOPBACK, ...ELSEWHERE)
    .map((address) => (isIP(address) === 6 ? `[${address}]` : address)),
)
const place = fc
  .tuple(
    fc.constantFrom('https', 'https', 'http', 'http', 'ftp'),
    host,
    fc.constantFrom('', '', '', 'user:pw@'),
  )
  .map(([scheme, name, user]) => `${scheme}://${user}${name}:${port}/keys`)
const answers = fc.array(fc.constantFrom(...FORBIDDEN, ...LOOPBACK, ...ELSEWHERE), {
  minLength: 1,
  maxLength: 3,
})

/** A name's addresses, others at each question. */
function resolver(scripts: readonly (readonly string[])[]): ResolveAll {
  let asked = 0
  return (_name, _options, callback) => {
    const addresses = scripts[asked % scripts.length]!
    asked += 1
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    // Later, as from the net: nobody could see the dialling begin otherwise.
    setImmediate(() => callback(null, found))
  }
}

describe('No sequence of metadata, redirects and DNS answers', () => {
  it('reaches an address that the operator did not allow', async () => {
    const sequence = fc.tuple(
      place,
      place,
      fc.array(answers, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
    )
    const property = fc.asyncProperty(sequence, async ([jwksUri, redirect, dns, redirects]) => {
      dialled = []
      const issuer = `http://inside.test:${port}`
      server.documents = {
        '/metadata': { issuer, jwks_uri: jwksUri },
        '/keys': (_req: IncomingMessage, res: ServerResponse) =>
          redirects
            ? void res.writeHead(302, { Location: redirect }).end()
            : void res.end('{"keys":[]}'),
      }
      const url = new URL(`${issuer}/metadata`)
      const options = {
        dangerouslyAllowHttp: ['inside.test'],
        allowLoopback: ['inside.test', 'local.test'],
      }
      // The metadata are always read; whatever they name meets the DNS of the attacker.
      const network = {
        ...networkOf([url], options),
        resolve: resolver([['127.0.0.1'], ...dns]),
      }
      const target = { discoveryUrls: [url], issuers: [issuer], allowTemplate: false }
      const fetcher = createKeyFetcher(target, documentsBy(network, 10_000), () => 0)
      await expect(fetcher.fetch(AbortSignal.timeout(150))).rejects.toThrow(FetchError)
      const wrong = dialled.filter(
        ({ address }) =>
          FORBIDDEN.includes(address) ||
          (LOOPBACK.includes(address) && !mayBeHere(jwksUri)) ||
          (ELSEWHERE.includes(address) && !isEncrypted(jwksUri)),
      )
      // The first connection is the one for the metadata.
      expect(wrong.filter(({ address }, index) => index > 0 || address !== '127.0.0.1')).toEqual([])
    })
    await fc.assert(property, { numRuns: Math.min(FUZZ_RUNS, 300) })
  })
})

const NAMED = /\/\/(?:inside|local)\.test:/
const mayBeHere = (url: string): boolean => NAMED.test(url)
const isEncrypted = (url: string): boolean =>
  url.startsWith('https:') || url.includes('//inside.test:')
