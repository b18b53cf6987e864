import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { frozenClock, startApi } from '../../../tools/api.js'
import { startIssuer } from '../../../tools/issuer.js'

afterEach(() => {
  jest.restoreAllMocks()
})

describe('keys, when the wall clock is set', () => {
  it.each([
    ['an hour forward', 3_600_000],
    ['an hour back', -3_600_000],
    ['to 1970', -Date.now()],
  ])('%s: their age, their budget and their refresh go on as before', async (_name, stepMs) => {
    const clock = frozenClock()
    const issuer = await startIssuer({ alg: 'ES256', clock })
    const api = await startApi(issuer, { clock })
    await api.guard.ready()
    const dueBefore = api.guard.status()[0]!.nextRefreshInSeconds!

    const now = Date.now
    jest.spyOn(Date, 'now').mockImplementation(() => now() + stepMs)
    expect((await api.get(await issuer.token())).status).toBe(200)
    expect((await api.get(await issuer.token({}, { kid: 'unknown' }))).status).toBe(401)

    const [status] = api.guard.status()
    expect(status).toMatchObject({ state: 'fresh', lastError: undefined })
    expect(status!.ageSeconds).toBeLessThan(10)
    // Renewed by the refetch for the unknown kid, so about as far away as it was.
    expect(Math.abs(status!.nextRefreshInSeconds! - dueBefore)).toBeLessThan(60)
    expect(issuer.requests.filter((path) => path === '/jwks')).toHaveLength(2)
    await api.close()
    await issuer.close()
  })
})
