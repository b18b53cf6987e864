import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore, type AuthEvent } from '../../lib/index.js'
import { sharedSignals, type Polling, type PollOptions } from '../../lib/signals.js'
import {
  createTestIssuer,
  testRevocationStore,
  type TestIssuer,
  type TestTransmitter,
} from '../../lib/testing.js'
import { running, type RunningServer } from '../../tools/server.js'
import { until } from '../../tools/until.js'
import { redisForAllTests } from '../support/redis-under-test.js'

const redis = redisForAllTests()

let polling: Polling | undefined
let server: RunningServer | undefined

afterEach(async () => {
  await polling?.stop()
  await server?.close()
  polling = undefined
  server = undefined
})

interface Polled {
  readonly issuer: TestIssuer
  readonly transmitter: TestTransmitter
  readonly events: AuthEvent[]
  readonly revoked: (subject: string) => Promise<boolean>
}

async function poll(
  store = memoryRevocationStore({ clockToleranceSeconds: 0 }),
  options: Partial<PollOptions> = {},
): Promise<Polled> {
  const issuer = createTestIssuer()
  await issuer.listen()
  const transmitter = issuer.transmitter()
  const events: AuthEvent[] = []
  const onEvent = (event: AuthEvent): void => void events.push(event)
  const signals = sharedSignals(store, { ...transmitter.options, onEvent })
  polling = signals.poll({ ...transmitter.pollOptions, ...options })
  const iat = Math.floor(Date.now() / 1000) - 10
  const token = { issuer: issuer.issuer, tokenId: 't', sessionId: undefined, clientId: undefined }
  const times = { issuedAt: iat, expiresAt: iat + 300, version: undefined }
  const revoked = async (subject: string): Promise<boolean> =>
    (await store.check({ ...token, ...times, subject })).revoked
  return { issuer, transmitter, events, revoked }
}

const claims = (jti: string, more: object = {}): object => ({ claims: { jti, ...more } })

const names = (events: readonly AuthEvent[]): readonly string[] => events.map(({ name }) => name)

describe('sharedSignals: poll', () => {
  it('takes events in, acknowledges them, and goes on while there are more (SET-19, SSF-18)', async () => {
    const { transmitter, issuer, revoked } = await poll(undefined, { maxEvents: 2 })
    const users = ['a', 'b', 'c', 'd', 'e']
    for (const sub of users) {
      const subject = { format: 'iss_sub', iss: issuer.issuer, sub }
      transmitter.enqueue(transmitter.securityEvent('account-disabled', { subject }))
    }
    await until(() => expect(transmitter.acknowledged).toHaveLength(5))
    expect(await Promise.all(users.map(revoked))).toEqual(users.map(() => true))
    expect(await revoked('f')).toBe(false)
    expect(polling?.status()).toEqual({ ready: true, state: 'polling', detail: undefined })
  })

  it('refuses bad ones by their code, and takes the others in (SET-19)', async () => {
    const { transmitter, issuer, revoked } = await poll()
    const stranger = createTestIssuer().transmitter()
    const mine = { iss: issuer.issuer }
    transmitter.enqueue(stranger.securityEvent('account-disabled', claims('forged', mine)))
    transmitter.enqueue(
      transmitter.securityEvent('account-disabled', claims('elsewhere', { aud: 'https://else' })),
    )
    transmitter.enqueue(
      transmitter.securityEvent(
        'account-disabled',
        claims('foreign', {
          sub_id: { format: 'iss_sub', iss: 'https://else', sub: 'user-1' },
        }),
      ),
    )
    transmitter.enqueue(transmitter.securityEvent('account-disabled', claims('__proto__')))
    transmitter.enqueue(transmitter.securityEvent('session-established', claims('good')))
    await until(() =>
      expect(transmitter.refused).toEqual({
        forged: 'authentication_failed',
        elsewhere: 'invalid_audience',
        foreign: 'access_denied',
      }),
    )
    await until(() => expect(transmitter.acknowledged).toContain('good'))
    expect(await revoked('user-2')).toBe(false)
  })

  it('acknowledges nothing while the store is down, and takes it in afterwards', async () => {
    const store = testRevocationStore()
    store.outage()
    const { transmitter, events, revoked } = await poll(store)
    transmitter.enqueue(transmitter.securityEvent('account-disabled'))
    await until(() => expect(names(events)).toContain('signal.failed'))
    expect(polling?.status()).toMatchObject({ ready: false, state: 'failing' })
    expect(transmitter.acknowledged).toEqual([])
    expect(transmitter.refused).toEqual({})
    store.recover()
    await until(() => expect(transmitter.acknowledged).toHaveLength(1))
    expect(names(events)).toContain('signal.recovered')
    expect(await revoked('user-1')).toBe(true)
  })

  it('acknowledges nothing while Redis is stopped, and takes it in afterwards', async () => {
    const store = await redis.readyStore({ name: 'polled', deadlineMs: 200 })
    const { transmitter, revoked, events } = await poll(store)
    await until(() => expect(polling?.status().ready).toBe(true))
    redis.pause()
    try {
      transmitter.enqueue(transmitter.securityEvent('account-disabled'))
      await until(() => expect(names(events)).toContain('signal.failed'))
      expect(transmitter.acknowledged).toEqual([])
    } finally {
      redis.resume()
    }
    await until(() => expect(transmitter.acknowledged).toHaveLength(1))
    expect(await revoked('user-1')).toBe(true)
  })

  it('goes on after an outage of the transmitter', async () => {
    const { transmitter, issuer, events } = await poll()
    await until(() => expect(polling?.status().ready).toBe(true))
    await issuer.outage('500')
    await until(() => expect(names(events)).toContain('signal.failed'))
    await issuer.recover()
    transmitter.enqueue(transmitter.securityEvent('account-disabled'))
    await until(() => expect(transmitter.acknowledged).toHaveLength(1))
  })

  it('stops, and asks no more', async () => {
    const { transmitter } = await poll()
    await until(() => expect(polling?.status().ready).toBe(true))
    await polling?.stop()
    expect(polling?.status().state).toBe('stopped')
    transmitter.enqueue(transmitter.securityEvent('account-disabled'))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(transmitter.acknowledged).toEqual([])
  })

  it('tells no secret, whatever the function for Authorization throws', async () => {
    const { events } = await poll(undefined, {
      authorization: () => {
        throw new Error('Bearer secret-1')
      },
    })
    await until(() => expect(names(events)).toContain('signal.failed'))
    expect(JSON.stringify([events, polling?.status()])).not.toContain('secret-1')
  })
})

/** A transmitter that answers as it likes. */
async function odd(answer: (asked: unknown, count: number) => string): Promise<{
  readonly endpoint: string
  readonly asked: unknown[]
  readonly headers: IncomingMessage['headers'][]
}> {
  const asked: unknown[] = []
  const headers: IncomingMessage['headers'][] = []
  const http = createServer((req, res) => {
    void text(req).then((body) => {
      headers.push(req.headers)
      asked.push(JSON.parse(body))
      const told = answer(asked.at(-1), asked.length)
      if (told === 'redirect') res.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
      else res.setHeader('content-type', 'application/json').end(told)
    })
  })
  server = await running(http)
  return { endpoint: `${server.url}/poll`, asked, headers }
}

describe('sharedSignals: poll of a lying transmitter', () => {
  it('asks as the standard has it (SET-19)', async () => {
    const { endpoint, asked, headers } = await odd(() => '{"sets":{}}')
    await poll(undefined, { endpoint, authorization: () => 'Bearer t' })
    await until(() => expect(asked.length).toBeGreaterThan(0))
    expect(asked[0]).toEqual({ maxEvents: 100, returnImmediately: true, ack: [], setErrs: {} })
    expect(headers[0]).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: 'Bearer t',
    })
  })

  it.each([
    ['no JSON', '<html>'],
    ['no sets', '{}'],
    ['sets as a list', '{"sets":[]}'],
    ['a redirect', 'redirect'],
    ['5 MB', `{"sets":{"a":"${'a'.repeat(5_000_000)}"}}`],
    ['nested JSON', `{"sets":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`],
  ])('backs off from an answer that is %s', async (_what, answer) => {
    const { endpoint, asked } = await odd(() => answer)
    const { events } = await poll(undefined, { endpoint })
    await until(() => expect(names(events)).toContain('signal.failed'))
    const before = asked.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(asked.length - before).toBeLessThanOrEqual(1)
  })

  it('does not run in a circle where it never deletes what was acknowledged', async () => {
    let event = ''
    const { endpoint, asked } = await odd(() =>
      JSON.stringify({ sets: { a: event }, moreAvailable: true }),
    )
    const { transmitter, events } = await poll(undefined, { endpoint, intervalSeconds: 0.2 })
    event = transmitter.securityEvent('session-established')
    await until(() => expect(names(events)).toContain('signal.received'))
    const before = asked.length
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(asked.length - before).toBeLessThanOrEqual(5)
    expect(names(events).filter((name) => name === 'signal.received')).toHaveLength(1)
  })

  it.each([
    ['two events in turn', (count: number) => ({ [`e${count % 2}`]: count % 2 })],
    ['one event by ever new names', (count: number) => ({ [`e${count}`]: 0 })],
  ])('does not run in a circle where it sends %s', async (_what, setsOf) => {
    let tokens: string[] = []
    const { endpoint, asked } = await odd((_asked, count) => {
      const sets = Object.entries(setsOf(count)).map(
        ([jti, at]) => [jti, tokens[at] ?? ''] as const,
      )
      return JSON.stringify({ sets: Object.fromEntries(sets), moreAvailable: true })
    })
    const { transmitter, events } = await poll(undefined, { endpoint, intervalSeconds: 0.2 })
    tokens = ['0', '1'].map((jti) => transmitter.securityEvent('session-established', claims(jti)))
    await until(() => expect(names(events)).toContain('signal.received'))
    const before = asked.length
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(asked.length - before).toBeLessThanOrEqual(5)
  })

  it.each<[string, Partial<PollOptions>, RegExp]>([
    ['a path', { endpoint: '/poll' }, /"endpoint" must be an absolute URL/],
    ['plain http', { endpoint: 'http://id.example.com/poll' }, /"endpoint" must be an https URL/],
    ['no Authorization', { authorization: '' }, /"authorization" must be the value of a header/],
    ['an interval of nothing', { intervalSeconds: 0 }, /"intervalSeconds" must be a number from/],
    ['another option', { every: 1 } as never, /unknown option "every"/],
  ])('is refused at once with %s', async (_what, options, message) => {
    await expect(poll(undefined, options)).rejects.toThrow(message)
  })
})
