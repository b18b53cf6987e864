import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { noteRevoked } from '../../../lib/core/auth/revoked-auth.js'
import type { AuthEvent } from '../../../lib/core/events/events.js'
import { NOBODY, type Sender } from '../../../lib/core/queue/sender.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { Credential } from '../../../lib/tokens/access/credential.js'
import {
  createIntrospector,
  type Introspector,
} from '../../../lib/tokens/introspection/introspector.js'
import type { IntrospectionSettings } from '../../../lib/tokens/introspection/asking/options.js'
import type { ActiveEntry } from '../../../lib/tokens/introspection/judging/entries.js'
import type { IssuerPolicy } from '../../../lib/tokens/issuers/policy/policy.js'
import { serve, type RunningServer } from '../../../tools/server.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'
import { networkOf } from '../../support/network.js'
import { claimsWith, ISSUER, NOW, policyOf, taken } from '../../support/policy.js'
import { senderOf } from '../../support/senders.js'

let server: RunningServer
let policy: IssuerPolicy
let calls: number
let respond: (res: ServerResponse) => void
let timer: ManualTimer
let now: number
let events: AuthEvent[]
let asker: Introspector

beforeAll(async () => {
  server = await serve((req, res) => {
    calls += 1
    req.resume().once('end', () => respond(res))
  })
  policy = { ...policyOf(), network: networkOf(server.url) }
})
beforeEach(() => {
  calls = 0
  now = NOW
  events = []
  timer = manualTimer()
  say({})
  asker = introspector()
})
afterAll(() => server.close())

function say(changes: Readonly<Record<string, unknown>>): void {
  const said = claimsWith({ active: true, token_type: 'Bearer', ...changes })
  respond = (res) => res.setHeader('content-type', 'application/json').end(JSON.stringify(said))
}

function introspector(settings: Partial<IntrospectionSettings> = {}): Introspector {
  return createIntrospector({
    settings: {
      endpoint: new URL(server.url),
      clientId: 'api-1',
      clientAuth: { method: 'none', authenticate: () => undefined },
      cacheMs: 60_000,
      signed: false,
      mayLackType: false,
      timeoutMs: 2000,
      maxBytes: 10_000,
      ...settings,
    } as IntrospectionSettings,
    issuer: ISSUER,
    clock: () => now,
    timer,
    emit: (event) => void events.push(event),
    possession: { needOf: () => undefined, judge: () => ({}) },
  })
}

/** Until more calls have come than these. */
async function called(before: number): Promise<void> {
  if (calls > before) return
  await timer.advance(0)
  await called(before)
}

const TEXT = 'Bearer opaque'
const CREDENTIAL: Credential = { token: 'opaque', transport: 'header' }
const ask = async (
  sender: Sender = NOBODY,
  credential = CREDENTIAL,
): Promise<ActiveEntry | AuthError> => asker.ask(credential, TEXT, policy, sender)
const invented = (at: number): unknown =>
  asker.ask({ token: `t${at}`, transport: 'header' }, `Bearer t${at}`, policy, NOBODY)
const known = (): ActiveEntry | AuthError | undefined => asker.recall(TEXT, false)

describe('an answer', () => {
  it.each([
    ['60 seconds where that is allowed', 60_000],
    ['10 seconds', 10_000],
  ])('is believed for %s, and no longer', async (_how, cacheMs) => {
    asker = introspector({ cacheMs })
    const entry = await ask()
    await timer.advance(cacheMs - 1)
    expect(known()).toBe(entry)
    await timer.advance(1)
    expect(known()).toBeUndefined()
  })

  it('is never believed past the end of the token', async () => {
    say({ exp: NOW + 5 })
    await ask()
    now = NOW + 4.9
    expect(known()).toBeDefined()
    now = NOW + 5
    expect(known()).toBeUndefined()
  })

  it('is not believed by a wait of the issuer longer than it may be', async () => {
    const good = respond
    const held: ServerResponse[] = []
    respond = (res) => void held.push(res)
    const asking = ask()
    while (held.length === 0) await timer.advance(0)
    await timer.advance(1500)
    good(held[0]!)
    await asking
    await timer.advance(58_499)
    expect(known()).toBeDefined()
    await timer.advance(1)
    expect(known()).toBeUndefined()
  })

  it.each([
    [60_000, 10_000],
    [3000, 3000],
  ])('of "inactive" is believed for 10 seconds at most (%i ms: %i)', async (cacheMs, atMost) => {
    asker = introspector({ cacheMs })
    say({ active: false })
    expect(await ask()).toMatchObject({ reason: 'inactive_token' })
    await timer.advance(atMost - 1)
    expect(known()).toMatchObject({ status: 401, reason: 'inactive_token' })
    await timer.advance(1)
    expect(known()).toBeUndefined()
  })

  it('of "inactive" takes the place of an earlier one', async () => {
    await ask()
    say({ active: false })
    await ask()
    expect(known()).toMatchObject({ reason: 'inactive_token' })
    await timer.advance(10_000)
    expect(known()).toBeUndefined()
  })

  it('that is refused for anything else is asked for again', async () => {
    await ask()
    say({ aud: 'https://other.test' })
    expect(await ask()).toMatchObject({ reason: 'wrong_audience' })
    expect(known()).toBeUndefined()
  })

  it('is forgotten once the token is revoked, and counts again when asked for since', async () => {
    const entry = taken(await ask())
    noteRevoked(entry.auth)
    expect(known()).toBeUndefined()
    const since = taken(await ask())
    noteRevoked(since.auth)
    expect(known()).toBe(since)
  })

  it('about a JWT is none about an opaque token, nor the other way round', async () => {
    const verified = { auth: taken(await ask()).auth }
    expect(asker.recall(TEXT, true)).toBeUndefined()
    const entry = await asker.ask(CREDENTIAL, TEXT, policy, NOBODY, verified)
    expect([asker.recall(TEXT, true), known()]).toEqual([entry, undefined])
  })
})

describe('a call', () => {
  it('is one for all who ask at once', async () => {
    const [one, other] = await Promise.all([ask(), ask(), ask()])
    expect(other).toBe(one)
    expect(calls).toBe(1)
  })

  it('serves the others where one has gone, even the one who began it', async () => {
    const first = senderOf('a', timer.now())
    const [one, other] = [ask(first), ask(senderOf('b', timer.now()))]
    first.gone = true
    expect(taken(await other)).toBe(taken(await one))
  })

  it('is not made for whoever is held back: 429', async () => {
    const refusal = await ask(NOBODY, { ...CREDENTIAL, throttled: true })
    expect(refusal).toMatchObject({ status: 429 })
    expect(calls).toBe(0)
  })

  it('has no more time than its deadline, and than its request has left', async () => {
    respond = () => undefined
    const outcomes: unknown[] = []
    const asking = ask().then((outcome) => outcomes.push(outcome))
    await called(0)
    await timer.advance(1999)
    expect(outcomes).toEqual([])
    await timer.advance(1)
    await asking
    expect(outcomes).toMatchObject([{ status: 503, reason: 'introspection_unavailable' }])
    const late = ask(senderOf('a', timer.now() - 2000))
    await called(1)
    let settled = false
    void late.then(() => (settled = true))
    await timer.advance(499)
    expect(settled).toBe(false)
    await timer.advance(1)
    expect(await late).toMatchObject({ status: 503 })
    expect(timer.pending()).toBe(0)
  })

  it.each([
    [401, 'introspection_unauthorized', true],
    [429, 'introspection_unavailable', false],
  ])(
    'that ends in %i is 503 and an event, and the next is not made',
    async (status, reason, unauthorized) => {
      respond = (res) => res.writeHead(status, { 'retry-after': '7' }).end()
      expect(await ask()).toMatchObject({ status: 503, reason, retryAfterSeconds: 7 })
      expect(events).toMatchObject([{ name: 'introspection.failed', issuer: ISSUER, unauthorized }])
      expect(await ask()).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(calls).toBe(1)
      await timer.advance(7000)
      say({})
      taken(await ask())
      expect(events[1]).toMatchObject({ name: 'introspection.recovered' })
    },
  )

  it('costs nothing of the budget for a token that the issuer knew a moment ago', async () => {
    await ask()
    await timer.advance(60_000)
    say({ active: false })
    await Promise.all(Array.from({ length: 100 }, (_, at) => invented(at)))
    const one = invented(100)
    await ask()
    expect(calls).toBe(102)
    await timer.advance(50)
    await one
    expect(calls).toBe(103)
  })

  it('that fails by a fault of the program rejects', async () => {
    const broken = { ...policy, revocationIssuers: undefined } as unknown as IssuerPolicy
    await expect(asker.ask(CREDENTIAL, TEXT, broken, NOBODY)).rejects.toThrow(TypeError)
  })

  it('ends with the guard, and none begins', async () => {
    respond = () => undefined
    const asking = ask()
    await called(0)
    asker.close()
    expect(await asking).toMatchObject({ status: 503 })
    expect(await ask()).toMatchObject({ status: 503, detail: 'The guard was closed' })
    expect(calls).toBe(1)
  })
})

describe('the token of a stream', () => {
  it('is asked about again with nothing of the request that began it', async () => {
    const entry = taken(await ask())
    await timer.advance(60_000)
    const again = taken(await entry.again())
    expect(again.auth).toMatchObject({ subject: 'user-1', transport: 'header' })
    expect(calls).toBe(2)
  })

  it('is asked about again after 30 seconds, where answers are believed for less', async () => {
    asker = introspector({ cacheMs: 1000 })
    const entry = taken(await ask())
    await timer.advance(29_999)
    expect(await entry.again()).toBe(entry)
    await timer.advance(1)
    expect(await entry.again()).not.toBe(entry)
  })
})
