import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Place } from '../../../lib/keys/documents/metadata-place.js'
import { manageKeys, type ManagedKeys } from '../../support/managed-keys.js'

let keys: ManagedKeys
let tell: (place: Place) => void
let place: Promise<Place>

beforeEach(async () => {
  keys = await manageKeys()
  await keys.manager.ready()
  place = new Promise((resolve) => (tell = resolve))
})

afterEach(() => {
  keys.manager.close()
})

/** Lets everything run that waits for no timer. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('createKeyManager: keys fetched while the metadata are silent', () => {
  it('count at once', async () => {
    keys.issuer.answer = { keyIds: ['a', 'b'], place }
    expect(await keys.found('b')).toBe(1)
  })

  it('leave no kid unknown before the metadata have confirmed the place', async () => {
    keys.issuer.answer = { keyIds: ['a'], place }
    let answer: number | string | undefined
    const finding = keys.found('b').then((found) => (answer = found))
    await settle()
    expect(answer).toBeUndefined()
    tell('same')
    expect(await finding).toBe(0)
    expect(keys.issuer.fetches).toBe(2)
  })

  it('are fetched again, for no budget, where the metadata name another place late', async () => {
    keys.issuer.answer = { keyIds: ['a'], place }
    const finding = keys.found('b')
    await settle()
    keys.issuer.answer = { keyIds: ['b'] }
    tell('moved')
    expect(await finding).toBe(1)
    expect(keys.issuer.fetches).toBe(3)
  })

  it('are fetched again where nobody waits, too', async () => {
    keys.issuer.answer = { keyIds: ['a', 'c'], place }
    await keys.found('c')
    keys.issuer.answer = { keyIds: ['b'] }
    tell('moved')
    await settle()
    expect(keys.issuer.fetches).toBe(3)
    expect(keys.manager.status().keyIds).toEqual(['b'])
  })

  it.each(['silent', 'deadline'])('make a kid 503 and not unknown: %s', async (how) => {
    keys.issuer.answer = { keyIds: ['a'], place }
    const finding = keys.found('b')
    await settle()
    if (how === 'silent') tell('silent')
    else await keys.timer.advance(2500)
    expect(await finding).toMatch(/^unavailable/)
    expect(await keys.found('a')).toBe(1)
  })

  it('leave no kid unknown to the first fetch after an outage either', async () => {
    await keys.timer.advance(86_400_000)
    keys.issuer.answer = { keyIds: ['a'], place }
    const finding = keys.found('b')
    await settle()
    tell('silent')
    expect(await finding).toMatch(/^unavailable/)
  })

  it('end with the source: its deadline leaves no timer', async () => {
    keys.issuer.answer = { keyIds: ['a', 'b'], place }
    await keys.found('b')
    keys.manager.close()
    tell('moved')
    await settle()
    expect(keys.issuer.fetches).toBe(2)
  })
})
