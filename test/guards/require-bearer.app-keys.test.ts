import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { exportJWK } from 'jose'
import type { AuthEvent, IssuerOptions } from '../../lib/index.js'
import { startApi, type TestApi, type TestApiOptions } from '../../tools/api.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'
import { until } from '../../tools/until.js'

let issuer: TestIssuer
let api: TestApi | undefined
let signals: AbortSignal[]

beforeEach(async () => {
  issuer = await startIssuer()
  signals = []
})

afterEach(async () => {
  await api?.close()
  api = undefined
  await issuer.close()
})

/** As an app would write it: by the fetch of Node, from a real server. */
async function textAt(url: URL | string, signal: AbortSignal): Promise<string> {
  signals.push(signal)
  const answer = await fetch(url, { signal, redirect: 'error' })
  if (!answer.ok) throw new Error(`The answer is ${answer.status}`)
  return answer.text()
}

type Way = (of: TestIssuer) => Partial<IssuerOptions>

const WAYS: readonly (readonly [string, Way])[] = [
  ['fetchKeys', () => ({ fetchKeys: (url, { signal }) => textAt(url, signal) })],
  [
    'fetchKeys beside jwksUri',
    ({ url }) => ({
      jwksUri: `${url}/jwks`,
      fetchKeys: async (at, { signal }) => JSON.parse(await textAt(at, signal)) as unknown,
    }),
  ],
  ['jwks as a function', ({ url }) => ({ jwks: ({ signal }) => textAt(`${url}/jwks`, signal) })],
]

async function start(way: Way, options: TestApiOptions = {}): Promise<TestApi> {
  api = await startApi(issuer, { ...way(issuer), ...options })
  return api
}

const asked = (): number => issuer.requests.filter((path) => path === '/jwks').length

/** Documents of the issuer but its metadata are answered by `respond`. */
function keysAnswered(respond: (res: ServerResponse, req: IncomingMessage) => void): void {
  issuer.intercept = (req, res) => {
    if (req.url !== '/jwks') return false
    respond(res, req)
    return true
  }
}

const broken = (): void =>
  keysAnswered((res) => {
    res.statusCode = 500
    res.end('<h1>Error</h1>')
  })

function details(name: AuthEvent['name']): readonly string[] {
  return api!.events.flatMap((event) =>
    event.name === name && 'detail' in event ? [event.detail ?? ''] : [],
  )
}

describe.each(WAYS)('keys by %s', (name, way) => {
  it('are asked for once by all who wait, and not again while they are fresh', async () => {
    const { get } = await start(way)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()))
    const answers = await Promise.all(tokens.map((token) => get(token)))
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200))
    expect((await get(await issuer.token())).status).toBe(200)
    expect(asked()).toBe(1)
  })

  it('follow a rotation at the first token of the new key, and forget the old one', async () => {
    const { get, reason } = await start(way)
    const old = await issuer.token()
    expect((await get(old)).status).toBe(200)
    const next = await createSigningKey('key-2')
    issuer.keys = [next.jwk]
    expect((await get(await issuer.token({}, {}, next))).status).toBe(200)
    expect(asked()).toBe(2)
    expect((await get(old)).status).toBe(401)
    expect(reason()).toBe('unknown_key')
  })

  it('that cannot be had are 503, and 200 once they can', async () => {
    broken()
    const { get, reason, events } = await start(way)
    const token = await issuer.token()
    const answer = await get(token)
    expect([answer.status, reason()]).toEqual([503, 'keys_unavailable'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(details('keys.failed')[0]).toContain('The answer is 500')
    issuer.intercept = undefined
    await until(async () => expect((await get(token)).status).toBe(200))
    expect(events.map((event) => event.name)).toContain('keys.recovered')
  })

  it('serve on in an outage, and not for longer than they may', async () => {
    const { get, guard, reason, events } = await start(way, {
      keyCache: { ttlSeconds: 0.2, maxStaleSeconds: 1.5 },
    })
    const token = await issuer.token()
    expect((await get(token)).status).toBe(200)
    broken()
    await until(() => expect(guard.status()[0]?.state).toBe('stale'))
    expect((await get(await issuer.token())).status).toBe(200)
    await until(() => expect(events.map((event) => event.name)).toContain('keys.stale'))
    await until(() => expect(guard.status()[0]?.state).toBe('dead'))
    expect([(await get(token)).status, reason()]).toEqual([503, 'keys_unavailable'])
  })

  it('that come too late count for nothing, and whoever fetches them is told to stop', async () => {
    const waiting: ServerResponse[] = []
    keysAnswered((res) => void waiting.push(res))
    const { get, guard } = await start(way, { keyCache: { timeoutMs: 200 } })
    const token = await issuer.token()
    const begun = performance.now()
    expect((await get(token)).status).toBe(503)
    expect(performance.now() - begun).toBeLessThan(2000)
    // The refusal, the signal and the event have a timer each; another ask may be under way by then.
    await until(() => {
      expect(signals[0]?.aborted).toBe(true)
      expect(details('keys.failed')[0]).toContain('did not answer in time')
    })
    for (const res of waiting) res.end(JSON.stringify({ keys: issuer.keys }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(guard.status()[0]?.state).toBe('empty')
  })

  it('larger than maxBytes are refused whole', async () => {
    issuer.keys = [Object.assign({ padding: 'x'.repeat(2000) }, issuer.key.jwk)]
    const { get } = await start(way, { keyCache: { maxBytes: 1024 } })
    expect((await get(await issuer.token())).status).toBe(503)
    expect(details('keys.failed')[0]).toContain('larger than 1024 bytes')
  })

  it('of which one is published with its private half verify by the others alone', async () => {
    const leaked = await createSigningKey('leaked')
    issuer.keys = [
      issuer.key.jwk,
      { ...(await exportJWK(leaked.privateKey)), kid: leaked.kid, alg: leaked.alg },
    ]
    const { get, reason, events } = await start(way)
    expect((await get(await issuer.token())).status).toBe(200)
    expect((await get(await issuer.token({}, {}, leaked))).status).toBe(401)
    expect(reason()).toBe('compromised_key')
    expect(events).toContainEqual(
      expect.objectContaining({ name: 'keys.compromised', keyIds: ['leaked'] }),
    )
  })

  it('never replace good ones where they are not a set', async () => {
    const { get, guard } = await start(way, {
      keyCache: { ttlSeconds: 0.1, maxStaleSeconds: 60 },
    })
    const token = await issuer.token()
    expect((await get(token)).status).toBe(200)
    const { generation } = guard.status()[0]!
    for (const body of ['', '<html>', '{"keys":', '{"keys":{}}', '{"keys":[]}']) {
      const before = details('keys.failed').length
      keysAnswered((res) => void res.end(body))
      await until(() => expect(details('keys.failed').length).toBeGreaterThan(before))
      expect((await get(token)).status).toBe(200)
      expect(guard.status()[0]?.generation).toBe(generation)
      issuer.intercept = undefined
      await until(() => expect(guard.status()[0]?.state).toBe('fresh'))
    }
  })

  it('are asked for by a flood of unknown kids no more often than the budget allows', async () => {
    const { get, reason } = await start(way)
    expect((await get(await issuer.token())).status).toBe(200)
    const forged = await createSigningKey('any')
    const statuses: number[] = []
    for (let count = 0; count < 12; count += 1) {
      const key: SigningKey = { ...forged, kid: `invented-${count}` }
      statuses.push((await get(await issuer.token({}, {}, key))).status)
    }
    expect(asked()).toBe(6)
    expect(statuses).toEqual([...Array<number>(5).fill(401), ...Array<number>(7).fill(503)])
    expect(reason()).toBe('unknown_key')
    expect((await get(await issuer.token())).status).toBe(200)
  })

  it('are asked for no more once the guard is closed', async () => {
    const { get, guard } = await start(way, { keyCache: { ttlSeconds: 0.1 } })
    expect((await get(await issuer.token())).status).toBe(200)
    guard.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const before = asked()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(asked()).toBe(before)
    expect(name).not.toBe('')
  })
})

/** What an app may return by mistake: in its own process, nothing has made JSON of it. */
const ODD: readonly (readonly [string, () => unknown])[] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a number', () => 42],
  ['a list', () => []],
  ['an answer of fetch, unread', () => new Response('{"keys":[]}')],
  ['bytes', () => Buffer.from('{"keys":[]}')],
  ['a set that holds itself', () => Object.assign(cyclic, { keys: [cyclic] })],
  ['a set that is no JSON', () => ({ keys: [{ kty: 'RSA', n: 1n }] })],
  [
    'a getter that throws',
    () => ({
      get keys() {
        throw new Error('no')
      },
    }),
  ],
  [
    'a toJSON that throws',
    () => ({
      toJSON() {
        throw new Error('no')
      },
    }),
  ],
  ['a function', () => () => ({ keys: [] })],
  ['a thousand levels', () => JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown],
]
const cyclic: Record<string, unknown> = {}

describe.each([
  ['fetchKeys', (answer: () => unknown) => ({ fetchKeys: answer })],
  ['jwks', (answer: () => unknown) => ({ jwks: answer as never })],
])('what %s returns by mistake', (_name, way) => {
  it.each(ODD)('%s is an outage, and neither 401 nor 500', async (_kind, answer) => {
    const { get, reason } = await start(() => way(answer))
    expect((await get(await issuer.token())).status).toBe(503)
    expect(reason()).toBe('keys_unavailable')
    const { get: getLater } = await start(() => way(async () => answer()))
    expect((await getLater(await issuer.token())).status).toBe(503)
  })

  it('is not believed to be what it becomes later', async () => {
    const set = { keys: [issuer.key.jwk] }
    const { get } = await start(() => ({ ...way(() => set), jwksUri: undefined }))
    expect((await get(await issuer.token())).status).toBe(200)
    const forger = await createSigningKey('key-1')
    set.keys[0] = forger.jwk
    Object.assign(issuer.key.jwk, { use: 'enc' })
    expect((await get(await issuer.token({}, {}, forger))).status).toBe(401)
    expect((await get(await issuer.token())).status).toBe(200)
  })
})

describe('fetchKeys', () => {
  const urls: string[] = []
  const byPath =
    (documents: Readonly<Record<string, unknown>>): Way =>
    () => ({
      fetchKeys({ href, pathname }) {
        urls.push(href)
        if (pathname in documents) return documents[pathname]
        throw new Error('not found')
      },
    })
  beforeEach(() => void urls.splice(0))

  it('is asked for the metadata first, then for the place that they name', async () => {
    const { get } = await start(
      byPath({
        '/.well-known/openid-configuration': {
          issuer: issuer.url,
          jwks_uri: 'https://keys.example/set',
        },
        '/set': { keys: issuer.keys },
      }),
    )
    expect((await get(await issuer.token())).status).toBe(200)
    expect(urls).toEqual([
      `${issuer.url}/.well-known/oauth-authorization-server`,
      `${issuer.url}/.well-known/openid-configuration`,
      'https://keys.example/set',
    ])
  })

  it('may return a set in place of the metadata', async () => {
    const { get } = await start(() => ({ fetchKeys: () => ({ keys: issuer.keys }) }))
    expect((await get(await issuer.token())).status).toBe(200)
  })

  it.each([
    ['a metadata service', 'http://169.254.169.254/latest', 'metadata service'],
    ['an address that is not https', 'http://keys.example/set', 'is not https'],
    ['a file', 'file:///etc/passwd', 'is not https'],
    ['credentials', 'https://me:secret@keys.example/set', 'carries credentials'],
  ])('is never asked for %s that metadata name', async (_name, jwks_uri, detail) => {
    const { get } = await start(
      byPath({ '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri } }),
    )
    expect((await get(await issuer.token())).status).toBe(503)
    expect(urls.every((url) => url.startsWith(issuer.url))).toBe(true)
    expect(details('keys.failed')[0]).toContain(detail)
    expect(details('keys.failed')[0]).not.toContain('secret')
  })

  it('is not believed where the metadata are those of another issuer', async () => {
    const { get } = await start(
      byPath({
        '/.well-known/openid-configuration': {
          issuer: 'https://evil.example',
          jwks_uri: 'https://evil.example/set',
        },
        '/set': { keys: issuer.keys },
      }),
    )
    expect((await get(await issuer.token())).status).toBe(503)
    expect(urls.some((url) => url.includes('evil'))).toBe(false)
  })
})
