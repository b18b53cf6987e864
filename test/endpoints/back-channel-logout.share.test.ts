import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { frozenClock, startApi } from '../../tools/api.js'
import { startLogoutReceiver } from '../support/logout.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })

describe('backChannelLogout', () => {
  it('ends all sessions of a user whose share is used up, and again nothing that came since', async () => {
    const store = memoryRevocationStore({ clock, maxEntries: 100 })
    const api = await startApi(issuer, { clock, store })
    const receiver = await startLogoutReceiver(issuer, { clock, store })
    const old = issuer.token({ scope: 'read', sub: 'dan', sid: 'phone' })
    await receiver.send(issuer.logoutToken({ sub: 'dan', sid: 'first' }))
    expect((await api.get(old)).status).toBe(200)
    const logout = issuer.logoutToken({ sub: 'dan', sid: 'second' })
    expect((await receiver.send(logout)).status).toBe(200)
    expect((await api.get(old)).status).toBe(401)
    clock.now += 5
    const later = issuer.token({ scope: 'read', sub: 'dan', sid: 'third' })
    expect((await receiver.send(logout)).status).toBe(200)
    expect((await api.get(later)).status).toBe(200)
    await receiver.close()
    await api.close()
  })
})
