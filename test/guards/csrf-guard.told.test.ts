import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { csrfGuard, type AuthEvent, type Middleware } from '../../lib/index.js'
import { letIn } from '../support/behind-bearer.js'
import { exchangeOf } from '../support/exchange.js'

const ORIGIN = 'https://app.test'
const OWN = { origin: ORIGIN, 'sec-fetch-site': 'same-origin', cookie: 'sid=1' }
const FOREIGN = { ...OWN, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
const SOCKET = { connection: 'Upgrade', upgrade: 'websocket' }
const SECRET = 'a secret of at least 32 bytes, no. 1'

interface Passage {
  /** What was handed on: undefined, or an error. Empty where the guard answered. */
  readonly handed: readonly unknown[]
  readonly status: number
  readonly vary: unknown
}

function judged(guard: Middleware, method: string, headers: Record<string, string>): Passage {
  const { req, res } = exchangeOf('/notes', { method, headers })
  const handed: unknown[] = []
  guard(req, res, (error) => handed.push(error))
  return { handed, status: res.statusCode, vary: res.getHeader('vary') }
}

const create = (options: object = {}): Middleware => csrfGuard({ origin: ORIGIN, ...options })

/** The events of one request. */
function told(options: object, method: string, headers: Record<string, string>): AuthEvent[] {
  const events: AuthEvent[] = []
  judged(create({ ...options, onEvent: (event: AuthEvent) => events.push(event) }), method, headers)
  return events
}

const passed = { handed: [undefined], status: 200 }

describe('what passes csrfGuard', () => {
  it.each<[string, object, string, Record<string, string>]>([
    ['a read by a foreign page, where reads are not isolated', {}, 'GET', FOREIGN],
    [
      'a handshake by our own page, which can add no header',
      { mode: 'header' },
      'GET',
      { ...OWN, ...SOCKET },
    ],
    [
      'a read by our own page, without a header',
      { mode: 'header', isolateReads: true },
      'GET',
      OWN,
    ],
  ])('%s', (_what, options, method, headers) => {
    expect(judged(create(options), method, headers)).toMatchObject(passed)
  })

  it('is named to caches where it was judged by its origin, and nowhere else', () => {
    expect(judged(create(), 'GET', OWN).vary).toBeUndefined()
    expect(judged(create(), 'POST', OWN).vary).toBe('Origin, Sec-Fetch-Site')
  })

  it('is no request for which a function of the app fails: a fault, and never a yes', () => {
    const failure = new Error('a bug of the app')
    const fails = (_req: IncomingMessage): boolean => {
      throw failure
    }
    expect(judged(create({ exempt: [fails] }), 'POST', FOREIGN).handed).toEqual([failure])
    const bare = { cookie: 'sid=1' }
    expect(judged(create({ ambient: fails }), 'POST', bare).handed).toEqual([failure])
  })
})

describe('what csrfGuard tells', () => {
  it('is why it refuses, and what would help', () => {
    expect(told({ mode: 'header' }, 'POST', OWN)).toEqual([
      expect.objectContaining({
        name: 'request.refused',
        guard: 'csrfGuard',
        reason: 'csrf_header_missing',
        detail: expect.stringContaining('Send the header'),
      }),
    ])
  })

  it('is what it would refuse, where it reports alone', () => {
    const events = told({ reportOnly: true }, 'POST', FOREIGN)
    expect(events).toMatchObject([
      { name: 'csrf.reported', guard: 'csrfGuard', code: 'csrf_cross_site' },
    ])
  })

  it('goes to the listener of the requireBearer in front, unless it has one of its own', () => {
    const own: AuthEvent[] = []
    const heard = [{}, { onEvent: (event: AuthEvent) => own.push(event) }].map((options) => {
      const { req, res, events } = letIn(undefined)
      Object.assign(req, { method: 'POST', headers: FOREIGN })
      create(options)(req, res, () => undefined)
      return events.length
    })
    expect([heard, own.length]).toEqual([[1, 0], 1])
  })
})

describe('the options of csrfGuard', () => {
  it.each<[string, unknown]>([
    ['advice', 'yes'],
    ['isolateReads', 'yes'],
    ['refuseUserNavigation', 'yes'],
    ['reportOnly', 'yes'],
    ['ambient', 'yes'],
    ['onEvent', 'yes'],
    ['onRefuse', 'yes'],
    ['mode', 'cookie'],
    ['token', { secret: SECRET }],
  ])('are named where they are no good: %s', (name, value) => {
    expect(() => create({ [name]: value })).toThrow(`csrfGuard: "${name}" must`)
  })

  it('let users come by their own links unless that is refused', () => {
    const link = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', cookie: 'sid=1' }
    expect(judged(create(), 'POST', link)).toMatchObject(passed)
    expect(judged(create({ refuseUserNavigation: true }), 'POST', link).status).toBe(403)
  })

  it('take advice off', () => {
    expect(() => create({ advice: false })).not.toThrow()
  })
})
