import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { memoryFamilyStore, refreshFamilies } from '../../lib/session.js'
import type { SharedSignalsFields } from '../../lib/signals.js'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'

const ISSUER = 'https://issuer.test'
const SESSION = { format: 'complex', session: { format: 'opaque', id: 'before' } }

interface Setup {
  readonly receiver: SignalReceiver
  /** Uses the refresh token of a login, and tells what came of it. */
  readonly refresh: (login: 'before' | 'after') => Promise<string>
}

/** A login, ten seconds later the event happens, and ten seconds later there is another login. */
async function withLogins(
  options: Partial<SharedSignalsFields>,
  use: (setup: Setup) => Promise<void>,
): Promise<void> {
  const clock = (): number => receiver.clock()
  const store = memoryRevocationStore({ clockToleranceSeconds: 0, clock })
  const families = refreshFamilies(memoryFamilyStore({ clock }), {
    issuer: ISSUER,
    secrets: ['a'.repeat(32)],
    revocations: store,
    graceSeconds: 0,
  })
  const receiver = await startSignalReceiver({ families, ...options }, store)
  const tokens = new Map<string, string>()
  const login = async (sessionId: 'before' | 'after'): Promise<void> => {
    const { token } = await families.start({ subject: 'user-1', clientId: 'app', sessionId })
    tokens.set(sessionId, token)
  }
  const refresh: Setup['refresh'] = async (sessionId) => {
    const rotation = await families.rotate(tokens.get(sessionId) ?? '', { clientId: 'app' })
    if (rotation.outcome === 'refused') return rotation.reason
    tokens.set(sessionId, rotation.token)
    return rotation.outcome
  }
  try {
    await login('before')
    receiver.clock.advance(20)
    await login('after')
    await use({ receiver, refresh })
  } finally {
    await receiver.close()
  }
}

const event = (
  { receiver }: Setup,
  name: string,
  payload: object,
  subject?: object,
): Promise<string> => {
  const token = receiver.transmitter.securityEvent(name, {
    ...(subject === undefined ? {} : { subject }),
    payload: { event_timestamp: receiver.clock() - 10, ...payload },
  })
  return receiver.push(token)
}

describe('sharedSignals with refresh-token families', () => {
  it.each([
    ['account-disabled', {}],
    ['session-revoked', {}],
    ['credential-change', { credential_type: 'password', change_type: 'update' }],
  ])('%s ends the logins up to the event, and no later one', async (name, payload) => {
    await withLogins({}, async (setup) => {
      // In between, the thief was quick.
      expect(await setup.refresh('before')).toBe('rotated')
      expect(await event(setup, name, payload)).toBe('202')
      expect(await setup.refresh('before')).toBe('revoked')
      expect(await setup.refresh('after')).toBe('rotated')
    })
  })

  it('ends access tokens that a login was given after the event, too', async () => {
    await withLogins({}, async (setup) => {
      const { receiver } = setup
      const iat = receiver.clock()
      const of = (sid: string): string => receiver.issuer.token({ sid, iat, exp: iat + 300 })
      expect(await event(setup, 'account-disabled', {})).toBe('202')
      expect(await receiver.get(of('before'))).toBe(401)
      expect(await receiver.get(of('after'))).toBe(200)
    })
  })

  it('an event that comes again ends no login since then', async () => {
    await withLogins({}, async (setup) => {
      expect(await event(setup, 'account-disabled', {})).toBe('202')
      expect(await event(setup, 'account-disabled', {})).toBe('202')
      expect(await setup.refresh('after')).toBe('rotated')
    })
  })

  it('ends one session whole, and no other', async () => {
    await withLogins({ resolveSubject: (_id, known) => known }, async (setup) => {
      expect(await setup.refresh('before')).toBe('rotated')
      expect(await event(setup, 'session-revoked', {}, SESSION)).toBe('202')
      expect(await setup.refresh('before')).toBe('revoked')
      expect(await setup.refresh('after')).toBe('rotated')
    })
  })

  it('without them leaves a login that was renewed since', async () => {
    await withLogins({ families: undefined }, async (setup) => {
      expect(await setup.refresh('before')).toBe('rotated')
      expect(await event(setup, 'account-disabled', {})).toBe('202')
      expect(await setup.refresh('before')).toBe('rotated')
    })
  })

  it('is 503 where they cannot be ended, and ends them when the event comes again', async () => {
    let isDown = true
    const families = {
      revokeSubject: async () => {
        if (isDown) throw new Error('down')
      },
    }
    await withLogins({ families }, async (setup) => {
      expect(await event(setup, 'account-disabled', {})).toBe('503')
      isDown = false
      expect(await event(setup, 'account-disabled', {})).toBe('202')
    })
  })
})
