import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { importKeySet, type KeySet } from '../../../lib/keys/key-set.js'
import { createSigningKey } from '../../../tools/issuer.js'
import { manageKeys, SECOND, type ManagedKeys } from '../../support/managed-keys.js'

/** Of a lifetime of 60 seconds: after about 30, and again after as many. */
const REFRESH_MS = 45 * SECOND

let good: object
let members: readonly object[]
let keys: ManagedKeys

beforeAll(async () => {
  good = (await createSigningKey('good', 'ES256')).jwk
})

beforeEach(async () => {
  members = [good]
  let set: KeySet | undefined
  const fetcher = {
    async fetch() {
      set = importKeySet({ keys: members }, set)
      return { set, maxAgeSeconds: undefined }
    },
  }
  keys = await manageKeys({ fetcher, ttlSeconds: 60 })
})

/** Events of this name, of the first fetch and of one refresh. */
async function told(name: Parameters<ManagedKeys['events']>[0]): Promise<readonly unknown[]> {
  await keys.manager.ready()
  await keys.timer.advance(REFRESH_MS)
  return keys.events(name)
}

const issuer = 'https://id.test'

describe('events of a set of keys', () => {
  it('tell which keys there are, once', async () => {
    expect(await told('keys.refreshed')).toEqual([
      { name: 'keys.refreshed', issuer, keyIds: ['good'] },
    ])
    keys.manager.close()
  })

  it('tell of each key that we cannot use, once', async () => {
    members = [good, { kty: 'FOO' }, { ...good, use: 'enc' }]
    expect(await told('keys.ignored')).toEqual([
      { name: 'keys.ignored', issuer, detail: 'key 1: its type or curve is none we verify' },
      { name: 'keys.ignored', issuer, detail: 'key 2: not for signatures' },
    ])
    keys.manager.close()
  })

  it('tell of a private key that is published, for as long as it is', async () => {
    members = [good, { ...(await createSigningKey('bad', 'ES256')).jwk, d: 'AQAB' }]
    const event = { name: 'keys.compromised', issuer, keyIds: ['bad'] }
    expect(await told('keys.compromised')).toEqual([event, event])
    members = [good]
    await keys.timer.advance(REFRESH_MS)
    expect(keys.events('keys.compromised')).toHaveLength(2)
    keys.manager.close()
  })

  it('tell of no private key where none is published', async () => {
    expect(await told('keys.compromised')).toEqual([])
    keys.manager.close()
  })
})

describe('a manager of keys that was not asked yet', () => {
  it('says that it has none', () => {
    expect(keys.manager.status()).toEqual({
      state: 'empty',
      generation: 0,
      keyIds: [],
      ageSeconds: undefined,
      usableSeconds: undefined,
      nextRefreshInSeconds: undefined,
      keysBeyondTries: 0,
      lastError: undefined,
    })
  })
})
