import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sendJson } from '../../tools/issuer.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
afterAll(() => scene.close())

describe('an answer', () => {
  it('is believed for 10 seconds, and every other check runs on each hit', async () => {
    let allowed = true
    const validate = (): void => {
      if (!allowed) throw new Error('no')
    }
    const api = await scene.startApi({}, { validate })
    const token = scene.issuer.opaque()
    await get(api, token).expect(200)
    await get(api, token).expect(200)
    allowed = false
    await get(api, token).expect(401)
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it('is never believed past exp (7662-11)', async () => {
    const api = await scene.startApi({ cacheSeconds: 60 })
    const token = scene.issuer.opaque({ exp: Math.floor(scene.now) + 5 })
    await get(api, token).expect(200)
    scene.now += 6
    scene.issuer.answers.set(token, { active: false })
    await get(api, token).expect(401)
    expect(scene.issuer.calls).toHaveLength(2)
    expect(scene.lastReason()).toBe('inactive_token')
  })

  it('is not believed at all with cacheSeconds: 0', async () => {
    const api = await scene.startApi({ cacheSeconds: 0 })
    const token = scene.issuer.opaque()
    await get(api, token).expect(200)
    scene.issuer.answers.set(token, { active: false })
    await get(api, token).expect(401)
    await get(api, token).expect(401)
    expect(scene.issuer.calls).toHaveLength(3)
  })

  it('of "inactive" is believed as well', async () => {
    const api = await scene.startApi()
    await get(api, 'nothing').expect(401)
    await get(api, 'nothing').expect(401)
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it('is forgotten once the denylist refuses the token (7662-12)', async () => {
    const api = await scene.startApi()
    const token = scene.issuer.opaque({ jti: 'to-be-revoked' })
    await get(api, token).expect(200)
    const expiresAt = Math.floor(scene.now) + 300
    await scene.revocations.revokeToken({
      issuer: scene.issuer.url,
      tokenId: 'to-be-revoked',
      expiresAt,
    })
    await get(api, token).expect(401)
    expect(scene.lastReason()).toBe('revoked')
    expect(scene.issuer.calls).toHaveLength(1)
    await get(api, token).expect(401)
    expect(scene.issuer.calls).toHaveLength(2)
  })

  it('serves all who ask at once, whoever of them gives up', async () => {
    const api = await scene.startApi()
    const token = scene.issuer.opaque()
    const waiting: (() => void)[] = []
    scene.issuer.respond = (call, res) =>
      void waiting.push(() => sendJson(res, scene.issuer.answers.get(call.form.get('token') ?? '')))
    const quitter = new AbortController()
    const headers = { authorization: `Bearer ${token}` }
    const gone = fetch(api.url, { headers, signal: quitter.signal }).catch(() => 'gone')
    const others = Array.from({ length: 5 }, () => fetch(api.url, { headers }))
    while (waiting.length === 0) await new Promise(setImmediate)
    quitter.abort()
    expect(await gone).toBe('gone')
    waiting[0]?.()
    const statuses = (await Promise.all(others)).map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 200, 200, 200])
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it('without exp lasts as maxAgeSeconds says, and without that a denylist refuses the token', async () => {
    const bounded = await scene.startApi({}, { maxAgeSeconds: 600 })
    await get(bounded, scene.issuer.opaque({ exp: undefined })).expect(200)
    const unbounded = await scene.startApi()
    await get(unbounded, scene.issuer.opaque({ exp: undefined })).expect(401)
    expect(scene.lastReason()).toBe('lifetime_exceeds_store')
  })
})
