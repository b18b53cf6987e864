import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { testClock } from '../../lib/testing/clock.js'
import { createKeyRing } from '../../lib/testing/key-ring.js'
import {
  createPollEndpoint,
  createTransmitter,
  type TestTransmitter,
  type TestTransmitterOptions,
} from '../../lib/testing/transmitter.js'

const NOW = 1_800_000_000
const keys = createKeyRing('EdDSA')
const REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'
const STAMP = { iss: 'https://id.test', iat: NOW, jti: expect.any(String) }

function transmitter(
  options: TestTransmitterOptions = {},
  polled = createPollEndpoint(),
): TestTransmitter {
  return createTransmitter(options, {
    keys,
    polled,
    clock: testClock(NOW + 0.7),
    issuer: () => 'https://id.test',
    source: () => ({ jwksUri: 'https://id.test/keys' }),
    pollUrl: () => 'https://id.test/poll',
  })
}

function read(token: string): object[] {
  const parts = token.split('.').slice(0, 2)
  return parts.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object)
}

describe('a transmitter of a test', () => {
  const audience = 'https://api.test/signals'
  const authorization = 'Bearer test-transmitter'

  it('tells the receiver whose events to take, and where the keys are', () => {
    const { options, pollOptions, logoutOptions } = transmitter()
    const issuer = { issuer: 'https://id.test', audience, jwksUri: 'https://id.test/keys' }
    expect(options).toEqual({ ...issuer, authorization })
    expect(logoutOptions).toEqual(issuer)
    expect(pollOptions).toEqual({
      endpoint: 'https://id.test/poll',
      authorization,
      intervalSeconds: 0.1,
    })
  })

  it('is for the receiver that a test names, with the header that it asks for', () => {
    const own = { audience: 'https://b.test', authorization: 'Bearer other' }
    expect(transmitter(own).options).toMatchObject(own)
    expect(transmitter(own).pollOptions).toMatchObject({ authorization: 'Bearer other' })
  })

  it('signs an event about its user, by the short name or the full one', () => {
    for (const name of ['session-revoked', REVOKED]) {
      const [header, claims] = read(transmitter().securityEvent(name))
      expect(header).toEqual({ alg: 'EdDSA', kid: 'key-1', typ: 'secevent+jwt' })
      expect(claims).toEqual({
        ...STAMP,
        aud: audience,
        sub_id: { format: 'iss_sub', iss: 'https://id.test', sub: 'user-1' },
        events: { [REVOKED]: {} },
      })
    }
  })

  it('signs whatever else a test asks for', () => {
    const signal = {
      subject: { format: 'email', email: 'a@b.test' },
      payload: { reason_admin: 'x' },
      claims: { iat: 1 },
      header: { typ: 'JWT' },
    }
    const [header, claims] = read(transmitter().securityEvent('urn:own', signal))
    expect(header).toMatchObject({ typ: 'JWT' })
    expect(claims).toMatchObject({
      iat: 1,
      sub_id: signal.subject,
      events: { 'urn:own': { reason_admin: 'x' } },
    })
  })

  it('signs the token of a universal logout, which names no user', () => {
    const [header, claims] = read(transmitter().logoutToken())
    expect(header).toMatchObject({ typ: 'global-token-revocation+jwt' })
    const own = { sub: 'okta-client', nbf: NOW, exp: NOW + 300 }
    expect(claims).toEqual({ ...STAMP, aud: audience, ...own })
    expect(read(transmitter().logoutToken({ exp: 1 }, { typ: 'x' }))).toMatchObject([
      { typ: 'x' },
      { exp: 1 },
    ])
  })

  it.each([
    [202, '', undefined],
    [400, '{"err":"invalid_key"}', 'invalid_key'],
    [400, '{"err":7}', undefined],
    [400, '[]', undefined],
  ])('pushes an event, and reads an answer of %d %s', async (status, body, err) => {
    const sent: unknown[] = []
    const server = createServer((req, res) => {
      const { 'content-type': type, authorization: credential } = req.headers
      void text(req).then((event) => {
        sent.push(req.method, type, credential, event)
        res.writeHead(status).end(body)
      })
    }).listen(0)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await transmitter().push(`http://127.0.0.1:${port}/`, 'an.event.x')).toEqual({
      status,
      err,
    })
    expect(sent).toEqual(['POST', 'application/secevent+jwt', authorization, 'an.event.x'])
    server.closeAllConnections()
    server.close()
  })
})

describe('the queue of a poll', () => {
  const polled = createPollEndpoint()
  const sender = transmitter({}, polled)
  const events = ['a', 'b', 'c'].map((jti) =>
    sender.securityEvent('session-revoked', { claims: { jti } }),
  )
  const ask = (asked: unknown): object => polled.answer('Bearer test-transmitter', asked)

  it('gives all events until they are acknowledged, and tells what became of each', () => {
    for (const event of events) sender.enqueue(event)
    const [a, b, c] = events
    expect(ask({})).toEqual({ sets: { a, b, c }, moreAvailable: false })
    expect(ask({ maxEvents: 2 })).toEqual({ sets: { a, b }, moreAvailable: true })
    expect(ask({ ack: ['a', 'unknown'], maxEvents: 2 })).toEqual({
      sets: { b, c },
      moreAvailable: false,
    })
    expect(ask({ setErrs: { b: { err: 'invalid_key' }, c: 'x', unknown: { err: 'y' } } })).toEqual({
      sets: {},
      moreAvailable: false,
    })
    expect(sender.acknowledged).toEqual(['a'])
    expect(sender.refused).toEqual({ b: 'invalid_key', c: '' })
  })

  it.each([
    ['another credential', 'Bearer other', {}],
    ['no credential', undefined, {}],
    ['no object', 'Bearer test-transmitter', []],
  ])('gives nothing to %s', (_who, credential, asked) => {
    sender.enqueue(events[0] ?? '')
    expect(polled.answer(credential, asked)).toEqual({ error: 'unauthorized' })
  })
})
