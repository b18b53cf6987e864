import { describe, expect, it } from '@jest/globals'
import { requestOf } from '../../lib/core/events/events.js'
import { fetchGuard, type FetchGuard, type FetchGuardOptions } from '../../lib/fetch.js'
import { memoryReplayStore, protectedResourceMetadata, type AuthEvent } from '../../lib/index.js'
import { itTellsOfItself } from '../support/bearer-tells.js'
import { SHARED, sharedToken } from '../support/shared-secret.js'

const create = (options: object = {}): FetchGuard => fetchGuard({ ...SHARED, ...options })

const asked = (headers: Record<string, string> = {}, path = '/notes'): Request =>
  new Request(`https://api.test${path}`, { headers })

const good = { authorization: `Bearer ${sharedToken()}` }

describe('fetchGuard', () => {
  itTellsOfItself((options) => fetchGuard(options as FetchGuardOptions))

  it('tells listeners its name, the request and the duration of each verdict', async () => {
    const events: AuthEvent[] = []
    const guard = create({ onEvent: (event: AuthEvent) => events.push(event) })
    await guard(asked(good))
    await guard(asked())
    const told = { guard: 'fetchGuard', durationMs: expect.any(Number) }
    expect(events).toEqual([
      expect.objectContaining({ name: 'bearer.accepted', ...told }),
      expect.objectContaining({ name: 'request.refused', reason: 'no_credential', ...told }),
    ])
    expect(events.map(requestOf)).toMatchObject([{ method: 'GET' }, { method: 'GET' }])
  })

  it('gives metadata to whoever asks for them, and names their place to others', async () => {
    const guard = create()
    protectedResourceMetadata(guard, { resource: 'https://api.test' })
    const place = '/.well-known/oauth-protected-resource'
    const metadata = (await guard(asked({}, place))) as Response
    expect(metadata.status).toBe(200)
    expect(await metadata.json()).toMatchObject({ authorization_servers: [SHARED.issuer] })
    const refusal = (await guard(asked())) as Response
    expect(refusal.status).toBe(401)
    expect(refusal.headers.get('www-authenticate')).toContain(`https://api.test${place}`)
  })

  it('tells caches of a cookie only where that decides', async () => {
    const guard = create({ cookie: 'at' })
    const refusal = (await guard(asked({ authorization: 'Bearer a b' }))) as Response
    expect([refusal.status, refusal.headers.get('vary')]).toEqual([400, null])
  })

  it('reads no Authorization where another header stands in its place', async () => {
    const guard = create({ header: { name: 'X-Token' } })
    const refusal = (await guard(asked(good))) as Response
    expect(refusal.status).toBe(401)
    expect(refusal.headers.get('vary')).toMatch(/^x-token/i)
    const own = { 'x-token': sharedToken(), 'sec-fetch-site': 'same-origin' }
    expect(await guard(asked({ ...good, ...own }))).toMatchObject({ transport: 'named-header' })
  })

  it('does not construct with "dpop" where no origin says what proofs must name', () => {
    const dpop = { replay: memoryReplayStore() }
    expect(() => create({ dpop })).toThrow('fetchGuard: "origin" must be given with "dpop"')
    expect(() => create({ dpop, origin: 'https://api.test' })).not.toThrow()
  })
})
