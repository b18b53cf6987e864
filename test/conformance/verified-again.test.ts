import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { signInput } from '../support/forge.js'
import { createSigningKey, type TestIssuer } from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
const NOW = clock.now
let issuer: TestIssuer
let api: TestApi

beforeSuite({ clock }, (suite) => {
  ;({ issuer, api } = suite)
})

describe('What was accepted once', () => {
  it('is judged again on each request: time, revocation, audience (X-08, X-10)', async () => {
    const time = frozenClock(NOW)
    const own = memoryRevocationStore({ clock: time })
    const first = await startApi(issuer, { clock: time, store: own })
    const token = await issuer.token({ jti: 'again', exp: NOW + 300, nbf: NOW - 10, iat: NOW - 10 })
    const accepted = async (): Promise<number> => (await first.get(token)).status
    expect([await accepted(), await accepted()]).toEqual([200, 200])
    time.now = NOW - 11
    expect(await accepted()).toBe(401)
    expect(first.reason()).toBe('not_yet_valid')
    time.now = NOW + 299
    expect(await accepted()).toBe(200)
    time.now = NOW + 300
    expect(await accepted()).toBe(401)
    expect(first.reason()).toBe('expired')
    time.now = NOW
    expect(await accepted()).toBe(200)
    await own.revokeToken({ issuer: issuer.url, tokenId: 'again', expiresAt: NOW + 300 })
    expect(await accepted()).toBe(401)
    expect(first.reason()).toBe('revoked')
    const elsewhere = await startApi(issuer, { audience: 'https://other.test', clock: time })
    expect((await elsewhere.get(token)).status).toBe(401)
    await Promise.all([first.close(), elsewhere.close()])
  })

  it('is not accepted again once its key is withdrawn (X-10)', async () => {
    const rotating = createTestIssuer({ clock })
    await rotating.listen()
    const own = await startApi(rotating)
    const token = rotating.token({ scope: 'read' })
    expect((await own.get(token)).status).toBe(200)
    rotating.rotate({ overlap: false })
    // The new key's first token makes the guard fetch the set again.
    expect((await own.get(rotating.token({ scope: 'read' }))).status).toBe(200)
    expectRefusal(await own.get(token), 'invalid_token')
    expect(own.reason()).toBe('unknown_key')
    await own.close()
  })

  it('does not vouch for another signature over the same claims (X-10)', async () => {
    const token = await issuer.token()
    expect((await api.get(token)).status).toBe(200)
    const signed = token.slice(0, token.lastIndexOf('.'))
    const stranger = await createSigningKey('key-1')
    expectRefusal(await api.get(signInput(signed, stranger)), 'invalid_token')
    expectRefusal(await api.get(`${signed}.AAAA`), 'invalid_token')
  })
})
