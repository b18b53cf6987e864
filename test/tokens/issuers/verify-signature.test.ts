import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startApi, type TestApi, type TestApiOptions } from '../../../tools/api.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../../tools/issuer.js'

let issuer: TestIssuer
let api: TestApi

beforeEach(async () => {
  issuer = await startIssuer()
  const { kid: _kid, ...jwk } = issuer.key.jwk
  issuer.keys = [jwk]
  api = await startApi(issuer)
})

afterEach(async () => {
  await api.close()
  await issuer.close()
})

const fetches = (): number => issuer.requests.filter((path) => path === '/jwks').length

describe('tokens without "kid"', () => {
  it('follow a rotation at once, by one refetch (7517-08)', async () => {
    expect((await api.get(await issuer.token({}, { kid: undefined }))).status).toBe(200)
    const next = await createSigningKey('next')
    const { kid: _kid, ...jwk } = next.jwk
    issuer.keys = [jwk]
    expect((await api.get(await issuer.token({}, { kid: undefined }, next))).status).toBe(200)
    expect(fetches()).toBe(2)
  })

  it('cost no more than the budget where they are forged', async () => {
    const forger = await createSigningKey('forger')
    for (let turn = 0; turn < 10; turn += 1) {
      const token = await issuer.token({}, { kid: undefined }, forger)
      expect((await api.get(token)).status).toBe(401)
      expect(api.reason()).toBe('bad_signature')
    }
    expect(fetches()).toBeLessThanOrEqual(6)
    expect((await api.get(await issuer.token({}, { kid: undefined }))).status).toBe(200)
  })

  it('are an outage where they fail while the issuer is down: nobody can tell', async () => {
    expect((await api.get(await issuer.token({}, { kid: undefined }))).status).toBe(200)
    issuer.intercept = (req) => {
      req.socket.destroy()
      return true
    }
    const forger = await createSigningKey('forger')
    expect((await api.get(await issuer.token({}, { kid: undefined }, forger))).status).toBe(503)
    expect(api.reason()).toBe('keys_unavailable')
    expect((await api.get(await issuer.token({}, { kid: undefined }))).status).toBe(200)
  })
})

describe('tokens with a "kid"', () => {
  it('cost no refetch where that key did not sign them', async () => {
    issuer.keys = [issuer.key.jwk]
    const forger = await createSigningKey('key-1')
    expect((await api.get(await issuer.token({}, {}, forger))).status).toBe(401)
    expect([api.reason(), fetches()]).toEqual(['bad_signature', 1])
  })

  it.each([
    ['nonce', 'Microsoft Graph'],
    ['other', undefined],
  ])('say where the header member %s marks them as for nobody else', async (name, product) => {
    issuer.keys = [issuer.key.jwk]
    await api.get(await issuer.token({}, { [name]: 'x' }, await createSigningKey('key-1')))
    const event = api.events.at(-1)
    const detail = event?.name === 'request.refused' ? event.detail : undefined
    const hint =
      product === undefined
        ? ''
        : `. A "${name}" in the header is the mark of a token for ${product}`
    expect(detail?.startsWith(`The signature does not verify${hint}`)).toBe(true)
    expect(detail?.includes('Graph')).toBe(product !== undefined)
  })

  it.each<[string, object, string]>([
    ['for another use', { use: 'enc' }, 'key 0: not for signatures'],
    ['of a curve we do not know', { kty: 'EC', crv: 'secp256k1' }, 'type or curve'],
    ['without its modulus', { n: null }, 'it has no "n"'],
  ])('are an outage where the issuer has their key %s, and say why', async (_name, change, why) => {
    const good = await createSigningKey('good')
    issuer.keys = [{ ...issuer.key.jwk, kid: 'key-1', ...change }, good.jwk]
    const named = { kid: 'key-1' }
    const response = await api.get(await issuer.token({}, named))
    expect([response.status, response.headers['retry-after']]).toEqual([503, '60'])
    const event = api.events.at(-1)
    expect(event).toMatchObject({
      reason: 'keys_unavailable',
      detail: expect.stringContaining(why),
    })
    expect((await api.get(await issuer.token({}, {}, good))).status).toBe(200)
    expect((await api.get(await issuer.token({}, { kid: 'nobody' }))).status).toBe(401)
    expect(api.reason()).toBe('unknown_key')
  })

  it('are not verified by a key that names another issuer', async () => {
    issuer.keys = [Object.assign({ issuer: 'https://other.test' }, issuer.key.jwk)]
    expect((await api.get(await issuer.token())).status).toBe(401)
    expect(api.reason()).toBe('unknown_key')
  })

  it.each<[string, (url: string) => NonNullable<TestApiOptions['issuer']>, number]>([
    ['another spelling of its issuer', (url) => [url, 'https://other.test'], 200],
    ['another issuer of the same set', (url) => [[url], ['https://other.test']], 401],
  ])('by a key that names %s: %#', async (_name, names, status) => {
    issuer.keys = [Object.assign({ issuer: 'https://other.test' }, issuer.key.jwk)]
    const options = { issuer: names(issuer.url), jwksUri: `${issuer.url}/jwks` }
    const other = await startApi(issuer, options)
    expect((await other.get(await issuer.token())).status).toBe(status)
    await other.close()
  })
})
