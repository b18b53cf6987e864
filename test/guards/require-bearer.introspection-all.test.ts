import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Auth } from '../../lib/index.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

type Changes = Readonly<Record<string, unknown>>

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
afterAll(() => scene.close())

describe("with for: 'all'", () => {
  it('refuses a JWT that verifies and that the issuer has revoked', async () => {
    const api = await scene.startApi({ for: 'all' })
    const token = await scene.issuer.token()
    scene.issuer.answers.set(token, { active: true })
    await get(api, token).expect(200)
    const revoked = await scene.issuer.token()
    await get(api, revoked).expect(401)
    expect(scene.lastReason()).toBe('inactive_token')
  })

  it('asks about no forged JWT', async () => {
    const api = await scene.startApi({ for: 'all' })
    const token = await scene.issuer.token()
    await get(api, `${token.slice(0, -8)}AAAAAAAA`).expect(401)
    expect(scene.issuer.calls).toHaveLength(0)
  })

  it('takes scopes and roles of the answer, and the names as they were signed', async () => {
    const api = await scene.startApi({ for: 'all' })
    const token = await scene.issuer.token({ scope: 'read write', jti: 'signed-id' })
    scene.issuer.answers.set(token, {
      active: true,
      sub: 'pairwise',
      scope: 'read',
      roles: ['admin'],
    })
    const response = await get(api, token).expect(200)
    expect(response.body).toMatchObject({
      subject: 'user-1',
      tokenId: 'signed-id',
      scopes: ['read'],
      roles: ['admin'],
    })
    await get(api, token).expect(200)
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it.each<[string, Changes, string]>([
    ['another audience', { aud: 'https://other.test' }, 'wrong_audience'],
    ['another issuer', { iss: 'https://other.test' }, 'unknown_issuer'],
    ['an exp in the past', { exp: 1000 }, 'expired'],
    ['a key that it is bound to', { cnf: { jkt: 'x' } }, 'bound_token'],
  ])('refuses a JWT of which the answer says %s', async (_what, changes, reason) => {
    const api = await scene.startApi({ for: 'all' })
    const token = await scene.issuer.token()
    scene.issuer.answers.set(token, { active: true, ...changes })
    await get(api, token).expect(401)
    expect(scene.lastReason()).toBe(reason)
  })

  it.each<[string, unknown]>([
    ['another', { sub: 'other' }],
    ['nobody', null],
  ])('keeps the actor that was signed, where the answer says %s (8693-07)', async (_what, act) => {
    const seen: unknown[] = []
    const validate = ({ actor }: Pick<Auth, 'actor'>): void => void seen.push(actor?.subject)
    const api = await scene.startApi({ for: 'all' }, { validate })
    const token = await scene.issuer.token({ act: { sub: 'agent' } })
    scene.issuer.answers.set(token, { active: true, act })
    await get(api, token).expect(200)
    expect(seen).toEqual(['agent'])
  })

  it('asks the rule of the app once, and with what the answer says', async () => {
    const seen: unknown[] = []
    const validate = ({ roles }: { readonly roles: ReadonlySet<string> }): void => {
      seen.push([...roles])
    }
    const api = await scene.startApi({ for: 'all' }, { validate })
    const token = await scene.issuer.token()
    scene.issuer.answers.set(token, { active: true, roles: ['admin'] })
    await get(api, token).expect(200)
    expect(seen).toEqual([['admin']])
  })
})
