import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { systemClock } from '../../../lib/core/clock.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createResponder, type ResponderOptions } from '../../../lib/http/guard/responder.js'
import type { Publication } from '../../../lib/http/guard/publication.js'
import { AuthError, type AuthEvent, type OnRefuse } from '../../../lib/index.js'

const create = (options: object) => createResponder(optionCheck('requireBearer'), options)

describe('createResponder', () => {
  it('answers by RFC 6750 for the realm "api", by the clock of the system, unless told otherwise', () => {
    const { events, style, clock } = create({})
    expect({ style, clock }).toEqual({
      style: { realm: 'api', errorFormat: 'oauth' },
      clock: systemClock,
    })
    expect(events.active).toBe(false)
  })

  it('does as it is told', () => {
    const heard: AuthEvent[] = []
    const options: ResponderOptions = {
      realm: 'My API, v2!',
      errorFormat: 'problem',
      clock: () => 7,
      onEvent: (event) => heard.push(event),
    }
    const { events, style, clock } = create(options)
    expect({ style, clock }).toEqual({
      style: { realm: 'My API, v2!', errorFormat: 'problem' },
      clock: options.clock,
    })
    const event = { name: 'keys.recovered', issuer: 'i' } as const
    events.emit(event)
    expect(heard).toEqual([event])
    expect(create({ errorFormat: 'oauth' }).style.errorFormat).toBe('oauth')
  })

  it.each<[string, readonly unknown[]]>([
    ['realm', ['', 7, null, 'a"b', 'a\\b', 'a\r\nb', 'caf\u00E9', '"', 'a\u0000', 'a\u007F']],
    ['errorFormat', ['json', '', null, 'OAuth']],
    ['clock', [7, null, 'now']],
    ['onEvent', [7, null, {}]],
    ['onRefuse', [403, null, {}]],
    ['advice', ['yes', null, 1]],
  ])('refuses a bad "%s" at construction (9110-04)', (name, values) => {
    for (const value of values) {
      expect(() => create({ [name]: value })).toThrow(
        new RegExp(`^requireBearer: "${name}" must be `),
      )
    }
  })
})

describe('a refusal', () => {
  const auth = { issuer: 'i', subject: 's', tokenId: 't', transport: 'header' } as unknown as Auth
  const error = new AuthError('invalid_token', { reason: 'expired' })
  const req = new IncomingMessage(new Socket())
  const exchange = { req, res: {} as never, next: () => undefined }

  it('is reported first, with what is known of the token, and then answered by the app', () => {
    const told: unknown[] = []
    const onRefuse: OnRefuse = (...args) => void told.push(['refused', ...args])
    const responder = create({ onRefuse, onEvent: (event: AuthEvent) => void told.push(event) })
    responder.refuse('requireScope', error, { ...exchange, auth })
    const { res } = exchange
    expect(told).toEqual([
      expect.objectContaining({
        name: 'request.refused',
        guard: 'requireScope',
        reason: 'expired',
        token: expect.objectContaining({ issuer: 'i' }) as unknown,
      }),
      ['refused', error, req, res, expect.any(Function)],
    ])
  })

  it('is answered by the onRefuse of the guard, where it has one', () => {
    const asked: string[] = []
    const responder = create({ onRefuse: () => asked.push('in front') })
    responder.refuse('g', error, exchange, () => asked.push('own'))
    responder.refuse('g', error, exchange)
    expect(asked).toEqual(['own', 'in front'])
  })

  it('makes no event where nobody listens', () => {
    const unread = Object.defineProperty({ ...auth }, 'issuer', {
      get: () => {
        throw new Error('read')
      },
    })
    const responder = create({ onRefuse: () => undefined })
    const answer = (): void => responder.refuse('g', error, { ...exchange, auth: unread })
    expect(answer).not.toThrow()
  })
})

describe('metadata that an app publishes', () => {
  const publication: Publication = {
    challengeParameters: [['resource_metadata', 'https://api.test/metadata']],
    challengeScopes: ['read'],
    serve: () => false,
    respond: () => undefined,
  }

  it('are told of in each challenge from then on, and change nothing else', () => {
    const responder = create({ realm: 'r' })
    expect(responder.publication).toBeUndefined()
    responder.publish(publication)
    expect(responder.publication).toBe(publication)
    expect(responder.style).toEqual({
      realm: 'r',
      errorFormat: 'oauth',
      challengeParameters: publication.challengeParameters,
      challengeScopes: ['read'],
    })
  })

  it('stand in the answer to a refusal', () => {
    const responder = create({})
    responder.publish(publication)
    const req = new IncomingMessage(new Socket())
    const res = new ServerResponse(req)
    const error = new AuthError('invalid_token', { reason: 'expired' })
    responder.refuse('requireBearer', error, { req, res, next: () => undefined })
    expect(res.statusCode).toBe(401)
    expect(String(res.getHeader('WWW-Authenticate'))).toContain(
      'resource_metadata="https://api.test/metadata"',
    )
  })
})
