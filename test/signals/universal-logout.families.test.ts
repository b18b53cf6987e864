import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { memoryRevocationStore, type RevocationStore } from '../../lib/index.js'
import { memoryFamilyStore, refreshFamilies } from '../../lib/session.js'
import { universalLogout, type UniversalLogoutFields } from '../../lib/signals.js'
import { createTestIssuer, testClock, testRevocationStore } from '../../lib/testing.js'
import { serve, type RunningServer } from '../../tools/server.js'

const ISSUER = 'https://issuer.test'
const USER = { format: 'iss_sub', iss: ISSUER, sub: 'user-1' }

const issuer = createTestIssuer({ clock: testClock() })
const transmitter = issuer.transmitter({ audience: 'https://api.test/universal-logout' })

let server: RunningServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(
  store: RevocationStore,
  options: Partial<UniversalLogoutFields>,
): Promise<void> {
  const app = express()
  app.post('/', universalLogout(store, { ...transmitter.logoutOptions, ...options }))
  server = await serve(app)
}

async function statusOf({ body = { sub_id: USER } }: { body?: object } = {}): Promise<number> {
  const authorization = `Bearer ${transmitter.logoutToken()}`
  const response = await fetch(server?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  })
  return response.status
}

describe('universalLogout with refresh-token families', () => {
  it('ends refresh-token families of the user, before it answers (GTR-03)', async () => {
    const ended: unknown[] = []
    await start(testRevocationStore(), {
      families: { revokeSubject: async (user) => void ended.push(user) },
    })
    expect(await statusOf()).toBe(204)
    expect(ended).toEqual([{ subject: 'user-1' }])
  })

  it('ends no families of another issuer, whose user has the same sub', async () => {
    const store = memoryRevocationStore()
    const families = refreshFamilies(memoryFamilyStore(), {
      issuer: 'https://ours.test',
      secrets: ['a'.repeat(32)],
      revocations: store,
    })
    const login = { subject: 'user-1', clientId: 'app', sessionId: 's' }
    await families.start(login)
    const ours = { issuer: 'https://ours.test', subject: 'user-1' }
    await start(store, {
      families,
      resolveSubject: (identifier, known) => (identifier.format === 'email' ? ours : known),
    })
    expect(await statusOf()).toBe(204)
    expect(await families.list(login)).toHaveLength(1)
    expect(await statusOf({ body: { sub_id: { format: 'email', email: 'a@b.c' } } })).toBe(204)
    expect(await families.list(login)).toHaveLength(0)
  })

  it('is refused at once with families that no subject could be of', () => {
    const issuers = { subjectIssuers: [[ISSUER], ['https://ours.test']] }
    const families = { issuer: 'https://ours.test', revokeSubject: async () => undefined }
    const make = (options: object): unknown =>
      universalLogout(testRevocationStore(), {
        ...transmitter.logoutOptions,
        families,
        ...options,
      })
    expect(() => make({})).toThrow(/"families" must be of an issuer of "subjectIssuers"/)
    expect(() => make(issuers)).not.toThrow()
    expect(() => make({ resolveSubject: () => undefined })).not.toThrow()
  })

  it('is 503 where the families cannot be ended', async () => {
    await start(testRevocationStore(), {
      families: { revokeSubject: () => Promise.reject(new Error('down')) },
    })
    expect(await statusOf()).toBe(503)
  })
})
