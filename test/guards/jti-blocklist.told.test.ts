import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from '@jest/globals'
import { LOOKUP_CHANNEL } from '../../lib/core/events/lookups.js'
import { authState } from '../../lib/http/guard/auth-state.js'
import { factsOf } from '../../lib/http/guard/facts.js'
import { AuthError, jtiBlocklist } from '../../lib/index.js'
import { answering, down, good } from '../support/answering-checker.js'
import { authWith, letIn } from '../support/behind-bearer.js'

const auth = authWith()
const revoked = (): unknown => ({ revoked: true, by: 'token' })
const outage = new AuthError('temporarily_unavailable', { reason: 'revocation_unavailable' })

/** Resolves once the guard has handed the request on, or answered it. */
function settled(guard: ReturnType<typeof jtiBlocklist>): Promise<readonly { name: string }[]> {
  const { req, res, events } = letIn(auth)
  return new Promise((resolve) => {
    res.end = () => (resolve(events), res)
    guard(req, res, () => resolve(events))
  })
}

describe('what jtiBlocklist tells of a look-up', () => {
  const heard: unknown[] = []
  const hear = (message: unknown): void => void heard.push(message)

  afterEach(() => {
    unsubscribe(LOOKUP_CHANNEL, hear)
    heard.length = 0
  })

  it.each<[string, () => unknown, string]>([
    ['good, at once', good, 'good'],
    ['good, later', async () => good(), 'good'],
    ['revoked, at once', revoked, 'revoked'],
    ['revoked, later', async () => revoked(), 'revoked'],
    ['nobody can tell, at once', down, 'unavailable'],
    ['nobody can tell, later', async () => down(), 'unavailable'],
    ['no verdict, at once', () => undefined, 'unavailable'],
    ['no verdict, later', async () => 'good', 'unavailable'],
  ])('is its duration, and that it ended so: %s', async (_case, answer, outcome) => {
    subscribe(LOOKUP_CHANNEL, hear)
    await settled(jtiBlocklist(answering(answer)))
    expect(heard).toEqual([{ durationMs: expect.any(Number), outcome }])
  })
})

describe('what jtiBlocklist tells of itself', () => {
  it.each([
    ['revoked', revoked],
    ['revocation_unavailable', down],
  ])('is its name, with a refusal for %s', async (reason, answer) => {
    const events = await settled(jtiBlocklist(answering(answer)))
    const refusal = { name: 'request.refused', guard: 'jtiBlocklist', reason }
    expect(events).toEqual([expect.objectContaining(refusal)])
  })

  it.each([
    ['refuse', {}, 'refuse'],
    ['refuse', { onUnavailable: 'refuse' }, 'refuse'],
    ['let all pass', { onUnavailable: 'dangerouslyAllow' }, 'dangerouslyAllow'],
    ['ask the app', { onUnavailable: () => 'refuse' }, 'a function'],
  ] as const)('is, for an audit, that an outage makes it %s', (_what, options, onUnavailable) => {
    const guard = jtiBlocklist(answering(good), options)
    expect(factsOf(guard)).toEqual([{ kind: 'blocklist', onUnavailable }])
  })

  it('is, for an open stream, how to ask again', async () => {
    const store = answering(good)
    const { req, res } = letIn(auth)
    jtiBlocklist(store)(req, res, () => undefined)
    const { recheck } = authState(req)!.denylist!
    expect(await recheck.again(auth)).not.toBeInstanceOf(AuthError)
    store.answer = revoked
    expect(await recheck.again(auth)).toMatchObject({ reason: 'revoked' })
  })

  it.each([
    ['ends', 'refuse', false],
    ['lets go on', 'dangerouslyAllow', true],
  ] as const)(
    'is, for an open stream, that an outage %s it with %p',
    (_what, onUnavailable, passes) => {
      const { req, res, events } = letIn(auth)
      jtiBlocklist(answering(good), { onUnavailable })(req, res, () => undefined)
      const { denylist, responder } = authState(req)!
      expect(denylist!.recheck.bypass(outage, { auth, req, responder })).toBe(passes)
      expect(events.map(({ name }) => name)).toEqual(passes ? ['revocation.bypassed'] : [])
    },
  )
})

describe('jtiBlocklist hands on', () => {
  it.each<[string, () => unknown, object]>([
    ['lets a token pass', async () => good(), {}],
    ['cannot tell', async () => down(), { onUnavailable: 'dangerouslyAllow' }],
  ])(
    'what a handler behind it throws, where the store %s later: nobody else would catch it',
    async (_case, answer, options) => {
      const { req, res } = letIn(auth)
      const failure = new Error('a bug of the handler')
      const handed = await new Promise((resolve) => {
        jtiBlocklist(answering(answer), options)(req, res, (error) => {
          if (error === undefined) throw failure
          resolve(error)
        })
      })
      expect(handed).toBe(failure)
    },
  )

  it('an anonymous request once, and asks nothing', () => {
    const store = answering(good)
    const handed: unknown[] = []
    const { req, res } = letIn(undefined)
    jtiBlocklist(store)(req, res, (error) => handed.push(error))
    expect([handed, store.asked]).toEqual([[undefined], 0])
  })
})
