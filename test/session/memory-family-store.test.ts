import { describe, expect, it } from '@jest/globals'
import { newFamilyId } from '../../lib/session/family-token.js'
import { memoryFamilyStore } from '../../lib/session/memory-family-store.js'
import { familyStoreContract } from '../contract/family-store.js'

describe('memoryFamilyStore', () => {
  familyStoreContract(async () => {
    let now = 1_700_000_000
    const store = memoryFamilyStore({ clock: () => now })
    return {
      store,
      later: (ms) => void (now += ms / 1000),
      end: () => store.close(),
    }
  })

  it('refuses a login by 503 while it is full, until families have expired', async () => {
    let now = 1_700_000_000
    const store = memoryFamilyStore({ clock: () => now, maxFamilies: 1 })
    const login = { issuer: 'https://id.test', subject: 's', clientId: 'c', sessionId: 'i' }
    const lifetime = { idleMs: 60_000, absoluteMs: 60_000, mostPerSubject: 5 }
    await store.start(newFamilyId('i', 'a'), login, lifetime)
    await expect(store.start(newFamilyId('i', 'b'), login, lifetime)).rejects.toMatchObject({
      status: 503,
      reason: 'families_unavailable',
    })
    now += 61
    await store.start(newFamilyId('i', 'c'), login, lifetime)
  })

  it('answers nothing once it is closed', async () => {
    const store = memoryFamilyStore()
    await store.close()
    await expect(store.list('tag')).rejects.toMatchObject({ status: 503 })
  })

  it.each([
    [{ maxFamilies: 0 }, /"maxFamilies" must be a whole number from 1/],
    [{ max: 1 }, /unknown option "max"/],
    [{ clock: 5 }, /"clock" must be a function/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => memoryFamilyStore(options as never)).toThrow(message)
  })
})
