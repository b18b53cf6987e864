import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Documents } from '../../../lib/keys/documents/documents.js'
import {
  createMetadataPlace,
  type MetadataPlace,
} from '../../../lib/keys/documents/metadata-place.js'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { ELSEWHERE } from '../../support/network.js'

const ISSUER = 'https://id.test'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const never = new AbortController().signal

let now: number
/** The path that the metadata name, or how they fail. */
let answer: string | Promise<never>
let maxAgeSeconds: number | undefined
let fetches: number
let place: MetadataPlace

const documents: Documents = {
  allowance: ELSEWHERE,
  mayBeKeys: false,
  async fetch() {
    fetches += 1
    const body = { issuer: ISSUER, jwks_uri: `${ISSUER}/${await answer}` }
    return { modified: true, body, etag: undefined, maxAgeSeconds }
  },
}

beforeEach(() => {
  now = 1_000_000
  answer = 'keys'
  maxAgeSeconds = undefined
  fetches = 0
  const target = { discoveryUrls: [new URL(ISSUER)], issuers: [ISSUER], allowTemplate: false }
  place = createMetadataPlace(target, documents, () => now)
})

/** Rejects from the time on that somebody waits for it. */
function failing(): void {
  answer = Promise.reject(new FetchError('down'))
  answer.catch(() => undefined)
}

describe('createMetadataPlace', () => {
  it('knows no place, and asks by itself for none, before it was asked', () => {
    expect([place.known(), place.again(never), fetches]).toEqual([undefined, undefined, 0])
    place.doubt()
    expect(place.again(never)).toBeUndefined()
  })

  it('knows the place that the metadata named', async () => {
    expect((await place.first(never)).href).toBe(`${ISSUER}/keys`)
    expect(place.known()?.href).toBe(`${ISSUER}/keys`)
  })

  it('fails as the metadata do, where no place is known yet', async () => {
    failing()
    await expect(place.first(never)).rejects.toThrow(/down/)
    expect(place.known()).toBeUndefined()
  })

  it.each([
    ['an hour, where they say nothing', undefined, HOUR],
    ['as long as they say', 1800, HOUR / 2],
    ['five minutes at least', 0, 5 * MINUTE],
    ['a day at most', 999_999_999, 24 * HOUR],
  ])('takes metadata for fresh for %s', async (_name, seconds, lifetime) => {
    maxAgeSeconds = seconds
    await place.first(never)
    now += lifetime - 1
    expect(place.again(never)).toBeUndefined()
    now += 1
    expect(await place.again(never)).toBe('same')
    expect(fetches).toBe(2)
    expect(place.again(never)).toBeUndefined()
  })

  it('tells where the keys have moved', async () => {
    await place.first(never)
    now += HOUR
    answer = 'other'
    expect(await place.again(never)).toBe('moved')
    expect(place.known()?.href).toBe(`${ISSUER}/other`)
  })

  it('is asked once for all who ask meanwhile', async () => {
    await place.first(never)
    now += HOUR
    const asking = place.again(never)
    expect(place.again(never)).toBe(asking)
    await asking
    expect(fetches).toBe(2)
  })

  it('leaves the known place in use where the metadata fail, for five minutes', async () => {
    await place.first(never)
    now += HOUR
    failing()
    expect(await place.again(never)).toBe('same')
    expect(place.known()?.href).toBe(`${ISSUER}/keys`)
    now += 5 * MINUTE - 1
    expect(place.again(never)).toBeUndefined()
    now += 1
    expect(await place.again(never)).toBe('same')
    expect(fetches).toBe(3)
  })

  it('says that the metadata were silent where nobody waited for longer', async () => {
    await place.first(never)
    now += HOUR
    failing()
    expect(await place.again(AbortSignal.abort())).toBe('silent')
  })

  it('is asked again at once where the keys were not there', async () => {
    await place.first(never)
    place.doubt()
    expect(place.known()?.href).toBe(`${ISSUER}/keys`)
    expect(await place.again(never)).toBe('same')
    expect(fetches).toBe(2)
  })
})
