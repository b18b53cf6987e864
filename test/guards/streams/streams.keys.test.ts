import { describe, expect, it } from '@jest/globals'
import { exportJWK } from 'jose'
import { createSigningKey } from '../../../tools/issuer.js'
import { until } from '../../../tools/until.js'
import { frozenStreams } from '../../support/frozen-streams.js'
import type { OpenStream, StreamingApi } from '../../support/open-streams.js'

const frozen = frozenStreams()

async function withKey(): Promise<{ api: StreamingApi; stream: OpenStream }> {
  const other = await createSigningKey('key-2')
  frozen.issuer.keys = [frozen.issuer.key.jwk, other.jwk]
  const api = await frozen.start([], { keyCache: { ttlSeconds: 0.2, maxStaleSeconds: 1 } })
  const stream = await api.open({}, other)
  await frozen.pass(api, 6)
  expect(stream.signal.aborted).toBe(false)
  return { api, stream }
}

const keyIds = (api: StreamingApi): readonly string[] => api.guard.status()[0]!.keyIds

describe('the keys of a stream', () => {
  it('end it within 5 seconds after they are withdrawn', async () => {
    const { api, stream } = await withKey()
    frozen.issuer.keys = [frozen.issuer.key.jwk]
    await until(() => expect(keyIds(api)).toEqual(['key-1']))
    await frozen.pass(api, 5.5)
    expect(stream.reason()).toMatchObject({ code: 'invalid_token', reason: 'unknown_key' })
  })

  it('end it where the private half was published', async () => {
    const { api, stream } = await withKey()
    const leaked = await createSigningKey('key-2')
    frozen.issuer.keys = [
      frozen.issuer.key.jwk,
      { ...(await exportJWK(leaked.privateKey)), kid: 'key-2' },
    ]
    await until(() => expect(keyIds(api)).toEqual(['key-1']))
    await frozen.pass(api, 5.5)
    expect(stream.reason()).toMatchObject({ code: 'invalid_token', reason: 'compromised_key' })
  })

  it('that an emptied set still lists are in force until they are too old to serve', async () => {
    const { api, stream } = await withKey()
    frozen.issuer.keys = []
    await until(() => expect(api.guard.status()[0]!.state).toBe('stale'))
    await frozen.pass(api, 6)
    expect(stream.signal.aborted).toBe(false)
    await until(() => expect(api.guard.status()[0]!.state).toBe('dead'))
    await frozen.pass(api, 35)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })

  it('that come back within 30 seconds leave it open', async () => {
    const { api, stream } = await withKey()
    const published = frozen.issuer.keys
    frozen.issuer.keys = []
    await until(() => expect(api.guard.status()[0]!.state).toBe('dead'))
    await frozen.pass(api, 20)
    frozen.issuer.keys = published
    await until(() => api.open())
    await frozen.pass(api, 60)
    expect(stream.signal.aborted).toBe(false)
  })

  it.each([
    ['fetched', {}],
    ['given', { jwks: 'given' }],
  ])('end it as an outage where the guard was closed (%s)', async (_kind, options) => {
    const given = 'jwks' in options ? { jwks: { keys: frozen.issuer.keys } } : {}
    const api = await frozen.start([], given)
    const stream = await api.open()
    api.guard.close()
    await frozen.pass(api, 29)
    expect(stream.signal.aborted).toBe(false)
    await frozen.pass(api, 7)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })

  it('end it where its issuer is not allowed any more', async () => {
    let allowed = true
    const api = await frozen.start([], {
      issuers: {
        allow: () => allowed,
        resolve: async () => ({ issuer: frozen.issuer.url, audience: frozen.issuer.audience }),
      },
    })
    const stream = await api.open()
    await frozen.pass(api, 6)
    expect(stream.signal.aborted).toBe(false)
    allowed = false
    await frozen.pass(api, 6)
    expect(stream.reason()).toMatchObject({ code: 'invalid_token', reason: 'unknown_issuer' })
  })
})
