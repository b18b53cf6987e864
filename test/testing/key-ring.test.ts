import { describe, expect, it } from '@jest/globals'
import { createKeyRing } from '../../lib/testing/key-ring.js'

const names = (ring: ReturnType<typeof createKeyRing>): unknown[] =>
  ring.published().keys.map((key) => (key as { kid?: string }).kid)

describe('a ring of keys', () => {
  it('publishes the key it signs with', () => {
    const ring = createKeyRing('EdDSA')
    expect(ring.published().keys).toEqual([ring.current().jwk])
    expect(ring.current()).toBe(ring.current())
  })

  it('keeps the old key beside the new one where a rotation overlaps, and drops it otherwise', () => {
    const ring = createKeyRing('EdDSA')
    ring.rotate(true)
    expect([ring.current().jwk, names(ring)]).toMatchObject([{ kid: 'key-2' }, ['key-1', 'key-2']])
    ring.rotate(false)
    expect(names(ring)).toEqual(['key-3'])
  })

  it('has a stranger with the name of the current key, who is published never', () => {
    const ring = createKeyRing('EdDSA')
    const stranger = ring.stranger().jwk as { kid?: string; x?: string }
    expect(stranger).toMatchObject({ kid: 'key-1' })
    expect(stranger.x).not.toBe((ring.current().jwk as { x?: string }).x)
    expect(ring.stranger().jwk).toBe(stranger)
    ring.rotate(true)
    expect(ring.stranger().jwk).toMatchObject({ kid: 'key-2' })
    expect(ring.published().keys).not.toContain(ring.stranger().jwk)
  })

  it('gives a list that nobody can change the ring by', () => {
    const ring = createKeyRing('EdDSA')
    ;(ring.published().keys as object[]).pop()
    expect(names(ring)).toEqual(['key-1'])
  })
})
