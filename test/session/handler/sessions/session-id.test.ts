import { describe, expect, it } from '@jest/globals'
import {
  keyOf,
  namesIn,
  newSessionId,
} from '../../../../lib/session/handler/sessions/session-id.js'

const NAMES = { subject: 'user', sessionId: 'sid', startedAt: 1.25, expiresAt: 3600 }

describe('the id of a session', () => {
  it.each([
    ['all of them', NAMES],
    ['no session at the issuer', { ...NAMES, sessionId: undefined }],
    ['what looks like the id itself', { ...NAMES, subject: 'a.b"],[\\é' }],
  ])('holds what the denylist may know it by: %s', (_what, names) => {
    expect(namesIn(newSessionId(names))).toEqual(names)
  })

  it('is new each time, and so is its key, which tells nothing of it', () => {
    const ids = [newSessionId(NAMES), newSessionId(NAMES)]
    const keys = ids.map(keyOf)
    expect(new Set([...ids, ...keys]).size).toBe(4)
    expect(ids[0]).toMatch(/^[\w-]{43}\.[\w-]+$/)
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
    expect(keyOf(ids[0]!)).toBe(keys[0])
  })

  it.each([
    [220, true],
    [221, false],
  ])('of names of %d bytes holds them: %s', (bytes, held) => {
    const rest = JSON.stringify(['', 'sid', 1.25, 3600]).length
    const id = newSessionId({ ...NAMES, subject: `é${'a'.repeat(bytes - rest - 2)}` })
    expect(namesIn(id) !== undefined).toBe(held)
    expect(id).toHaveLength(held ? 44 + Math.ceil((bytes * 4) / 3) : 43)
  })

  it.each([undefined, 'null', '{}', '[]', '[1]'])('holds no names where they are %j', (names) => {
    const text = names === undefined ? '' : `.${Buffer.from(names).toString('base64url')}`
    expect(namesIn(`random${text}`)).toBeUndefined()
  })

  it('is short enough to be sealed into a cookie, and a token of RFC 6750 in it', () => {
    const id = newSessionId({ ...NAMES, subject: 'a'.repeat(196) })
    expect(id).toMatch(/^[\w.-]{330,340}$/)
  })
})
