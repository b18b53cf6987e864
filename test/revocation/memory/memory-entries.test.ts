import { describe, expect, it } from '@jest/globals'
import { createMark } from '../../../lib/revocation/facts.js'
import { createMemoryEntries } from '../../../lib/revocation/memory/memory-entries.js'
import type { Revocation } from '../../../lib/revocation/revocations.js'

const ISSUER = 'https://id.test'
const NOW = 1_800_000_000

const entry = (id: string, until: number, value: Revocation['value'] = true): Revocation => ({
  kind: value === true ? 'token' : 'subject',
  issuer: ISSUER,
  id,
  value,
  until,
  keptUntil: until,
})

const mark = (second: number, until: number): Revocation =>
  entry('user-1', until, createMark(second, []))

describe('entries in memory', () => {
  it('are searched for expired ones once a minute at most, whoever asks', () => {
    const entries = createMemoryEntries()
    entries.put(entry('a', NOW))
    entries.dropExpired(NOW)
    expect(entries.size).toBe(0)
    entries.put(entry('b', NOW + 1))
    entries.dropExpired(NOW + 59)
    expect(entries.size).toBe(1)
    entries.dropExpired(NOW + 60)
    expect(entries.size).toBe(0)
  })

  it('are searched by a clock that was set back too', () => {
    const entries = createMemoryEntries()
    entries.dropExpired(NOW + 3600)
    entries.put(entry('a', NOW))
    entries.dropExpired(NOW)
    expect(entries.size).toBe(0)
  })

  it('are held for as long as any revocation of them asks for, and say the most', () => {
    const entries = createMemoryEntries()
    expect(entries.put(mark(5, NOW + 100))).toBe(true)
    expect(entries.put(mark(5, NOW + 100))).toBe(false)
    expect(entries.put(mark(5, NOW + 300))).toBe(true)
    expect(entries.put(mark(9, NOW + 200))).toBe(true)
    entries.dropExpired(NOW + 299)
    expect(entries.get('subject', ISSUER, 'user-1')!.value).toMatchObject({ notBefore: 9 })
    entries.dropExpired(NOW + 400)
    expect(entries.size).toBe(0)
  })

  it('hold no long id, of a session in a mark neither', () => {
    const entries = createMemoryEntries()
    const long = 's'.repeat(8000)
    entries.put(entry(long, NOW + 60, createMark(NOW, [long, 'short'])))
    const { sessions } = entries.get('subject', ISSUER, long)!.value as ReturnType<
      typeof createMark
    >
    expect(sessions.has('short')).toBe(true)
    expect([...sessions.keys()].join().length).toBeLessThan(64)
  })
})
