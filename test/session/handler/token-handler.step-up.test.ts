import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { requireScope, requireStepUp } from '../../../lib/index.js'
import { startBff, type Bff } from '../../support/signed-in.js'

let bff: Bff
let ahead = 0

beforeAll(async () => {
  bff = await startBff({
    options: { clock: () => Date.now() / 1000 + ahead, clockToleranceSeconds: 0 },
    behind(app) {
      const fresh = requireStepUp({ maxAgeSeconds: 60 })
      app.get('/api/transfers', fresh, (_req, res) => void res.send('transferred'))
      app.get('/api/strong', requireStepUp({ acr: 'mfa' }), (_req, res) => void res.end())
      app.get('/api/admin', requireScope('admin'), (_req, res) => void res.end())
    },
  })
})

afterEach(() => {
  ahead = 0
  bff.provider.trouble = undefined
})

afterAll(() => bff.close())

describe('guards behind bff.bearer', () => {
  it('ask a script for a stronger login as behind requireBearer (RFC 9470 §3)', async () => {
    const browser = await bff.logIn('alice')
    const { status, headers } = await browser.visit(`${bff.app.url}/api/strong`)
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toMatch(
      /error="insufficient_user_authentication".*acr_values="mfa"/,
    )
  })

  it('lead a person to a newer login, and back to the page', async () => {
    const browser = await bff.logIn('alice')
    ahead = 120
    const asked: string[] = []
    bff.provider.trouble = async (path) => {
      if (path === '/auth') ahead = 0
    }
    const { url, text } = await browser.follow(`${bff.app.url}/api/transfers`, 'alice', (next) => {
      asked.push(next.href)
      return false
    })
    expect([url.pathname, text]).toEqual(['/api/transfers', 'transferred'])
    expect(asked[0]).toBe(`${bff.app.url}/auth/login?return_to=%2Fapi%2Ftransfers&max_age=60`)
    expect(new URL(asked[1] ?? '').searchParams.get('max_age')).toBe('60')
  })

  it('do not lead a person round in circles where the issuer cannot do it', async () => {
    const browser = await bff.logIn('alice')
    const { url, status } = await browser.follow(`${bff.app.url}/api/strong`, 'alice')
    expect([url.pathname, status]).toEqual(['/api/strong', 401])
  })

  it('lead nobody to a login for what a login does not change', async () => {
    const browser = await bff.logIn('alice')
    const { status } = await browser.visit(`${bff.app.url}/api/admin`, { from: 'none' })
    expect(status).toBe(403)
  })
})

describe('an access token that is not for this API', () => {
  it('is refused as by requireBearer, and leads nobody round in circles', async () => {
    const other = await startBff({ options: { audience: 'https://other.example' } })
    const browser = await other.logIn('alice')
    const { status } = await browser.visit(`${other.app.url}/api/me`, { from: 'none' })
    expect(status).toBe(401)
    await other.close()
  })
})
