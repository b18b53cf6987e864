import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'

/** Bytes that no event has. */
const MANY = 'a'.repeat(10_000_000)

describe('a security event', () => {
  it('is no access token, in any profile (SET-05)', async () => {
    const receiver = await startSignalReceiver()
    try {
      const { transmitter, issuer, clock } = receiver
      const claims = { aud: issuer.audience, sub: 'user-1', exp: clock() + 60 }
      expect(await receiver.get(transmitter.securityEvent('session-revoked', { claims }))).toBe(401)
    } finally {
      await receiver.close()
    }
  })
})

describe('sharedSignals: answers', () => {
  let receiver: SignalReceiver
  beforeAll(async () => {
    receiver = await startSignalReceiver()
  })
  afterAll(() => receiver.close())

  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> => {
    const { authorization = '' } = receiver.transmitter.options as { authorization?: string }
    const own = { 'content-type': 'application/secevent+jwt', authorization }
    return fetch(receiver.url, { method: 'POST', headers: { ...own, ...headers }, body })
  }

  it('is 202 without a body (SET-12)', async () => {
    const response = await post(receiver.transmitter.securityEvent('session-established'))
    expect(response.status).toBe(202)
    expect(response.headers.get('content-length')).toBe('0')
  })

  it('takes white space after the token, and parameters of the type (SET-11)', async () => {
    const event = `${receiver.transmitter.securityEvent('session-established')}\n`
    const type = { 'content-type': 'application/secevent+jwt; charset=utf-8' }
    expect((await post(event, type)).status).toBe(202)
  })

  it('is JSON in English where it refuses (SET-13, SET-14)', async () => {
    const response = await post('x.y.z', { 'accept-language': 'de' })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('content-language')).toBe('en')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      err: 'invalid_request',
      description: expect.any(String),
    })
  })

  it.each([
    [
      'another content type (SET-11)',
      'x',
      { 'content-type': 'application/json' },
      'invalid_request',
    ],
    ['no token', '', {}, 'invalid_request'],
    ['no text', '\uFFFF', {}, 'invalid_request'],
    ['10 MB', MANY, {}, 'invalid_request'],
    [
      'another Authorization (SET-17, SSF-17)',
      'x',
      { authorization: 'Bearer else' },
      'authentication_failed',
    ],
    ['no Authorization (SET-17)', 'x', { authorization: '' }, 'authentication_failed'],
  ])('refuses %s', async (_name, body, headers, err) => {
    const response = await post(body, headers)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ err })
  })

  it('tells us why, and the sender no more than the code', async () => {
    await post('x', { authorization: 'Bearer else' })
    expect(receiver.reason()).toBe('sender_unauthenticated')
    await post('x', { 'content-type': 'text/plain' })
    expect(receiver.reason()).toBe('malformed_signal')
    await post(receiver.transmitter.securityEvent('credential-compromise'))
    expect(receiver.reason()).toBe('malformed_event')
  })

  it('takes nothing but POST', async () => {
    const response = await fetch(receiver.url, { method: 'PUT' })
    expect(response.status).toBe(404)
  })
})
