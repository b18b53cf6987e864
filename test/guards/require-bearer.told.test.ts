import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { requestOf } from '../../lib/core/events/events.js'
import {
  memoryReplayStore,
  optionalAuthOf,
  protectedResourceMetadata,
  requireBearer,
  type AuthEvent,
  type BearerGuard,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { createTestIssuer, testClock } from '../../lib/testing.js'
import { itTellsOfItself } from '../support/bearer-tells.js'
import { exchangeOf, type Exchange } from '../support/exchange.js'
import { SHARED, sharedToken } from '../support/shared-secret.js'

const guards: BearerGuard[] = []

afterEach(() => {
  for (const guard of guards.splice(0)) guard.close()
})

function create(options: object = {}): BearerGuard {
  const guard = requireBearer({ ...SHARED, ...options })
  guards.push(guard)
  return guard
}

const good = { authorization: `Bearer ${sharedToken()}` }
const bad = { authorization: `Bearer ${sharedToken({}, {}, Buffer.alloc(32, 8))}` }
const CODE = { code: 'ERS_CLIENT_ADDRESS' }

interface Answered extends Exchange {
  /** What the guard handed on: undefined, an error, or `answered` where it handed on nothing. */
  readonly handed: unknown
}

const timeOut = ({ res }: Exchange): void => void res.writeHead(503)

/** One request without a server, until the guard has handed it on or answered. */
function answered(
  guard: BearerGuard,
  headers: Record<string, string> = {},
  { url = '/notes', before = (_exchange: Exchange): void => undefined } = {},
): Promise<Answered> {
  const exchange = exchangeOf(url, { headers })
  const { req, res } = exchange
  before(exchange)
  const end = res.end.bind(res)
  return new Promise((resolve) => {
    res.end = (...args: unknown[]) => {
      Reflect.apply(end, undefined, args)
      resolve({ ...exchange, handed: 'answered' })
      return res
    }
    guard(req, res, (error) => resolve({ ...exchange, handed: error }))
  })
}

describe('requireBearer', () => {
  itTellsOfItself((options) => requireBearer(options as RequireBearerOptions))

  it('tells listeners its name, the request and the duration of each verdict', async () => {
    const events: AuthEvent[] = []
    const guard = create({ onEvent: (event: AuthEvent) => events.push(event) })
    const passed = await answered(guard, good)
    const refused = await answered(guard)
    const told = { guard: 'requireBearer', durationMs: expect.any(Number) }
    expect(events).toEqual([
      expect.objectContaining({ name: 'bearer.accepted', ...told }),
      expect.objectContaining({ name: 'request.refused', reason: 'no_credential', ...told }),
    ])
    expect(events.map(requestOf)).toEqual([passed.req, refused.req])
  })

  it('tells listeners nothing of an anonymous request that passes', async () => {
    const events: AuthEvent[] = []
    const guard = create({ optional: true, onEvent: (event: AuthEvent) => events.push(event) })
    expect((await answered(guard)).handed).toBeUndefined()
    expect(events).toEqual([])
  })

  it('lets a known token pass in the tick it came in', async () => {
    const issuer = createTestIssuer()
    const { jwks } = issuer.options
    const guard = create({ ...issuer.options, secret: undefined, jwks: async () => jwks })
    const headers = { authorization: `Bearer ${issuer.token()}` }
    const passes = (): boolean => {
      let passed = false
      const { req, res } = exchangeOf('/notes', { headers })
      guard(req, res, () => (passed = true))
      return passed
    }
    expect(passes()).toBe(false)
    await answered(guard, headers)
    expect(passes()).toBe(true)
  })

  it.each<[string, object, readonly unknown[]]>([
    ['warns once', { throttle: {} }, [[expect.stringMatching(/^requireBearer: /), CODE]]],
    ['warns of nothing without "throttle"', {}, []],
  ])('%s, of clients whose network it cannot count for', async (_what, options, expected) => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const guard = create(options)
    for (let n = 0; n < 2; n += 1) await answered(guard, bad)
    const warnings = [...emitWarning.mock.calls]
    emitWarning.mockRestore()
    expect(warnings).toEqual(expected)
  })

  it('names itself where an option is no good', () => {
    expect(() => create({ optional: 'yes' })).toThrow('requireBearer: "optional" must be')
  })

  it('gives metadata to whoever asks for them', async () => {
    const guard = create()
    protectedResourceMetadata(guard, { resource: 'https://api.test' })
    const url = '/.well-known/oauth-protected-resource'
    const { res, body } = await answered(guard, {}, { url })
    expect(res.statusCode).toBe(200)
    expect(JSON.parse(body()!)).toMatchObject({ authorization_servers: [SHARED.issuer] })
  })
})

describe('what requireBearer writes on the response to a token', () => {
  it('is that no cache may keep it, and nothing to an anonymous request', async () => {
    const guard = create({ optional: true })
    const passed = await answered(guard, good)
    expect([passed.handed, passed.res.getHeader('cache-control')]).toEqual([undefined, 'no-store'])
    const anonymous = await answered(guard)
    expect([anonymous.handed, anonymous.res.getHeaderNames()]).toEqual([undefined, []])
  })

  it.each<[string, object, Record<string, string>, unknown]>([
    [
      'names a cookie to caches where that decided',
      { cookie: 'at' },
      {},
      expect.stringMatching(/^Cookie, Origin/),
    ],
    ['does not where Authorization did', { cookie: 'at' }, good, undefined],
    ['does not where none is read', {}, {}, undefined],
  ])('%s', async (_name, options, headers, expected) => {
    const { res } = await answered(create(options), headers)
    expect(res.getHeader('vary')).toEqual(expected)
  })

  it('is nothing where a time-out has answered meanwhile', async () => {
    const { handed, req, res } = await answered(create(), good, { before: timeOut })
    expect([handed, res.statusCode]).toEqual([undefined, 503])
    expect(optionalAuthOf(req)).toMatchObject({ subject: 'user-1' })
  })

  it('is the nonce for the next proof, once the last one is old', async () => {
    const clock = testClock()
    const issuer = createTestIssuer({ clock })
    const nonce = { secrets: ['a secret of at least 32 bytes, no. 1'] }
    const dpop = { replay: memoryReplayStore(), nonce }
    const guard = create({ ...issuer.options, secret: undefined, dpop, origin: 'https://api.test' })
    const client = issuer.dpopClient()
    const token = client.token()
    const asked = (given?: string): Promise<Answered> => {
      const url = 'https://api.test/notes'
      const proof = client.proof(token, { url, nonce: given })
      return answered(guard, { authorization: `DPoP ${token}`, dpop: proof })
    }
    const first = (await asked()).res.getHeader('dpop-nonce') as string
    const fresh = await asked(first)
    expect([fresh.handed, fresh.res.getHeader('dpop-nonce')]).toEqual([undefined, undefined])
    clock.advance(50)
    const old = await asked(first)
    expect(old.handed).toBeUndefined()
    expect(old.res.getHeader('dpop-nonce')).toMatch(/^[\w-]{30}$/)
    expect(old.res.getHeader('dpop-nonce')).not.toBe(first)
  })
})

describe('a request without a credential', () => {
  it.each<[string, boolean, Record<string, string>, unknown, number]>([
    ['is let in where one is optional', true, {}, undefined, 200],
    ['is one of another scheme, too', true, { authorization: 'Basic YTpi' }, undefined, 200],
    ['is none with a bad token', true, bad, 'answered', 401],
    ['is none with a malformed one', true, { authorization: 'Bearer a b' }, 'answered', 400],
    ['is refused elsewhere', false, {}, 'answered', 401],
  ])('%s', async (_name, optional, headers, handed, status) => {
    const passage = await answered(create({ optional }), headers)
    expect([passage.handed, passage.res.statusCode]).toEqual([handed, status])
  })
})

describe('a failure of the app', () => {
  const failure = new Error('a bug of the app')

  it.each<[string, () => unknown, unknown]>([
    [
      'throws',
      () => {
        throw failure
      },
      failure,
    ],
    ['rejects', () => Promise.reject(failure), failure],
    ['rejects with nothing', () => Promise.reject(undefined), expect.any(Error)],
  ])('is handed on as one, never as a yes, where a verifier %s', async (_how, verify, expected) => {
    const guard = requireBearer({ verifier: { verify } } as RequireBearerOptions)
    const { handed } = await answered(guard, good)
    expect(handed).toEqual(expected)
  })

  it('is handed on where a handler behind throws after a verdict that took time', async () => {
    const issuer = createTestIssuer()
    const { jwks } = issuer.options
    const guard = create({ ...issuer.options, secret: undefined, jwks: async () => jwks })
    const { req, res } = exchangeOf('/', { headers: { authorization: `Bearer ${issuer.token()}` } })
    const handed = await new Promise((resolve) => {
      guard(req, res, (error) => {
        if (error === undefined) throw failure
        resolve(error)
      })
    })
    expect(handed).toBe(failure)
  })
})

describe('bad tokens of one network, counted in Redis', () => {
  it('are refused by that count, once it has come', async () => {
    const counts = [1, 5]
    const redis = { call: async () => [counts.shift(), 500] }
    const secret = 'a secret of at least 32 bytes, no. 1'
    const guard = create({ throttle: { failuresPerNetwork: 2, redis, secret } })
    const statuses = []
    for (let n = 0; n < 2; n += 1) statuses.push((await answered(guard, bad)).res.statusCode)
    expect(statuses).toEqual([401, 429])
  })
})
