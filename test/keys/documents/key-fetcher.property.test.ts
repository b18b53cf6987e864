import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { createKeyFetcher, type KeyFetcher } from '../../../lib/keys/documents/key-fetcher.js'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { importKeySet, type KeySet } from '../../../lib/keys/key-set.js'
import { documentsBy } from '../../../lib/keys/documents/documents.js'
import { networkOf } from '../../support/network.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { FUZZ_RUNS } from '../../support/runs.js'

let keys: SigningKey[]
let server: DocumentServer

beforeAll(async () => {
  keys = await Promise.all(['RS256', 'ES256', 'EdDSA'].map((alg) => createSigningKey(alg, alg)))
  server = await serveDocuments()
})

afterAll(() => server.close())

const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' })

/** A good key with some of its members deleted or replaced, or anything at all. */
const member = fc.oneof(
  json,
  fc.tuple(
    fc.nat(2),
    fc.dictionary(
      fc.constantFrom(
        'kty',
        'crv',
        'x',
        'y',
        'n',
        'e',
        'kid',
        'alg',
        'use',
        'key_ops',
        'x5c',
        '__proto__',
      ),
      fc.oneof(
        json,
        fc.constantFrom<unknown>(undefined, '', 'AQAB', 'AA', '_-', 'sig', ['verify']),
      ),
      { maxKeys: 2 },
    ),
  ),
)

function keyOf(drawn: unknown): unknown {
  if (!Array.isArray(drawn)) return drawn
  const [index, changes] = drawn as [number, object]
  return typeof index === 'number' && index < 3 ? { ...keys[index]?.jwk, ...changes } : drawn
}

/** Types of the keys of a set, or undefined where it is refused as it should. */
function imported(body: unknown, previous: KeySet): readonly string[] | undefined {
  try {
    return typesOf(importKeySet(body, previous))
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return undefined
  }
}

async function fetched(fetcher: KeyFetcher): Promise<readonly string[] | undefined> {
  try {
    return typesOf((await fetcher.fetch(AbortSignal.timeout(2500))).set)
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return undefined
  }
}

function typesOf({ keys: list }: KeySet): readonly string[] {
  return list.map(({ keyObject }) => keyObject.type)
}

function answers(body: Buffer | string): void {
  server.documents = {
    '/x': (_req, res) => void res.setHeader('Content-Type', 'application/json').end(body),
    '/jwks': { keys: [keys[1]!.jwk] },
  }
}

describe('Any body of a JWKS', () => {
  it('is a set of public keys or a FetchError, and never costs a key of the set before', () => {
    const good = importKeySet({ keys: keys.map(({ jwk }) => jwk) })
    const bodies = fc.oneof(
      json,
      fc.array(member, { maxLength: 4 }).map((list) => ({ keys: list.map(keyOf) })),
    )
    const known = [...good.keys]
    fc.assert(
      fc.property(bodies, (body) => {
        expect(new Set(imported(body, good) ?? ['public'])).toEqual(new Set(['public']))
        expect(good.keys).toEqual(known)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('is read from the network as whole keys or as a FetchError, whatever its bytes', async () => {
    const fetcher = createKeyFetcher(
      { jwksUri: new URL(`${server.url}/x`) },
      documentsBy(networkOf([server.url]), 10_000),
      () => 0,
    )
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      json.map((value) => JSON.stringify(value)),
      fc.array(member, { maxLength: 3 }).map((list) => JSON.stringify({ keys: list.map(keyOf) })),
    )
    const property = fc.asyncProperty(bodies, async (body) => {
      answers(body)
      const types = await fetched(fetcher)
      expect(new Set(types ?? ['public'])).toEqual(new Set(['public']))
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

describe('Any body of metadata', () => {
  it('leads to the keys of its issuer or is a FetchError, and nothing else is ever asked for', async () => {
    const issuer = 'https://id.test'
    const location = {
      discoveryUrls: [new URL(`${server.url}/x`)],
      issuers: [issuer],
      allowTemplate: false,
    }
    const uri = fc.oneof(
      fc.constantFrom('/jwks', '//169.254.169.254/', '/x', 'http://[::1', 'file:///etc/passwd'),
      json,
    )
    const names = fc.oneof(
      fc.constantFrom<unknown>(issuer, issuer, `${issuer}/`, `${issuer}.evil.test`, [issuer], null),
      json,
    )
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ bytes, good: false })),
      json.map((value) => ({ value, good: false })),
      fc.record({ issuer: names, jwks_uri: uri }).map(({ issuer: name, jwks_uri: path }) => ({
        value: { issuer: name, jwks_uri: path === '/jwks' ? `${server.url}/jwks` : path },
        good: name === issuer && path === '/jwks',
      })),
    )
    const property = fc.asyncProperty(bodies, async (drawn) => {
      answers('bytes' in drawn ? Buffer.from(drawn.bytes) : JSON.stringify(drawn.value))
      server.requests.length = 0
      const types = await fetched(
        createKeyFetcher(location, documentsBy(networkOf([server.url]), 10_000), () => 0),
      )
      expect(types !== undefined).toBe(drawn.good)
      expect(server.requests).toEqual(drawn.good ? ['GET /x', 'GET /jwks'] : ['GET /x'])
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})
