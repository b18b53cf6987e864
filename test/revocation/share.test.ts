import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/revocation/memory/memory-store.js'
import { ENTRIES_PER_SUBJECT } from '../../lib/revocation/share.js'

const NOW = 1_000_000
const user = { issuer: 'https://id.test', subject: 'alice' }

describe('the share of one user', () => {
  it('is a thousand sessions, whose next is stored as a mark over the user', async () => {
    const store = memoryRevocationStore({ clock: () => NOW, clockToleranceSeconds: 0 })
    expect(ENTRIES_PER_SUBJECT).toBe(1000)
    for (let n = 0; n < ENTRIES_PER_SUBJECT; n += 1) {
      expect(await store.revokeSession({ ...user, sessionId: `s${n}` })).toEqual({
        sequence: n + 1,
      })
    }
    expect(await store.revokeSession({ ...user, sessionId: 'one more' })).toEqual({
      sequence: 1001,
      notBefore: NOW,
    })
  })
})
