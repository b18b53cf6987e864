import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { createEvents, requestOf, type AuthEvent } from '../../../lib/core/events/events.js'

const SECRET = 'Bearer eyJ-a-token'
const request = { headers: { authorization: SECRET } } as unknown as IncomingMessage
const auth = {
  issuer: 'https://id.test',
  clientId: 'app',
  subject: 'alice',
  tokenId: 'id-1',
  transport: 'header',
} as Auth

function told(tell: (events: ReturnType<typeof createEvents>) => void): AuthEvent {
  const heard: AuthEvent[] = []
  tell(createEvents((event) => heard.push(event)))
  expect(heard).toHaveLength(1)
  return heard[0]!
}

const accepted = (): AuthEvent =>
  told((events) => events.accepted('requireBearer', auth, request, events.now()))
const refused = (): AuthEvent =>
  told((events) =>
    events.refused('requireScope', new AuthError('invalid_token', { reason: 'expired' }), {
      auth,
      told: request,
      startedAt: events.now(),
    }),
  )

describe('an event of a request', () => {
  it.each([
    ['accepted', accepted],
    ['refused', refused],
  ])('leads those of this package to the request, and shows it to nobody: %s', (_name, tell) => {
    const event = tell()
    expect(requestOf(event)).toBe(request)
    const shown = [
      JSON.stringify(event),
      inspect(event, { depth: 9, showHidden: true }),
      inspect({ ...event }, { depth: 9, showHidden: true }),
      JSON.stringify(structuredClone(event)),
    ]
    expect(shown.filter((text) => text.includes('eyJ'))).toEqual([])
    expect(requestOf({ ...event })).toBeUndefined()
  })

  it.each([
    ['accepted', accepted],
    ['refused', refused],
  ])('tells how long the verdict took, and who of: %s', (_name, tell) => {
    expect(tell()).toMatchObject({
      guard: expect.stringMatching(/^require/),
      durationMs: expect.any(Number),
      token: { issuer: 'https://id.test', clientId: 'app', transport: 'header' },
    })
  })

  it('makes the digests of a remembered token once, for all to read and nobody to change', () => {
    const [first, second] = [accepted(), accepted()] as { readonly token: object }[]
    expect(second!.token).toBe(first!.token)
    expect(Object.isFrozen(first!.token)).toBe(true)
  })

  it('takes no time while nobody listens', () => {
    expect(createEvents().now()).toBe(0)
    expect(createEvents(() => undefined).now()).toBeGreaterThan(0)
  })
})
