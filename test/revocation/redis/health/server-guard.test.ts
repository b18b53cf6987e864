import { describe, expect, it } from '@jest/globals'
import { systemTimer } from '../../../../lib/core/clock.js'
import type { RedisClient } from '../../../../lib/redis/source/client.js'
import type { ServerFacts } from '../../../../lib/redis/server-facts.js'
import type { Probe } from '../../../../lib/revocation/redis/health/probe.js'
import { createServerGuard } from '../../../../lib/revocation/redis/health/server-guard.js'

const HEALTHY: ServerFacts = {
  runId: 'run-1',
  version: '7.2.4',
  evicts: false,
  appendOnly: true,
  policy: 'noeviction',
  evictedKeys: 0,
}
const client = {} as RedisClient

/** Servers of old versions do not run here, so their word is made up. */
function guardOf(...words: Partial<ServerFacts>[]): ReturnType<typeof createServerGuard> {
  const probe = {
    inspect: async () => ({ ...HEALTHY, ...(words.length > 1 ? words.shift() : words[0]) }),
  } as unknown as Probe
  return createServerGuard(probe, { onEviction: 'refuse', fsync: true, timer: systemTimer })
}

describe('createServerGuard', () => {
  it.each([
    ['5.0.14', 'refused'],
    ['6.0.20', 'refused'],
    ['6.2.0', 'fine'],
    ['7.0.15', 'fine'],
    ['10.1.0', 'fine'],
    ['unknown', 'fine'],
  ])('of Redis %s: %s', async (version, kind) => {
    expect(await guardOf({ version }).inspect(client)).toMatchObject({ finding: { kind } })
  })

  it('asks no more than it must, and at once on a new connection', async () => {
    const guard = guardOf({}, { version: '5.0.14' })
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
    guard.forget()
    expect(await guard.inspect(client)).toMatchObject({
      finding: { kind: 'refused', detail: expect.stringContaining('5.0.14') },
    })
  })

  it('counts evictions of one run of the server only', async () => {
    const guard = guardOf(
      { evictedKeys: 5 },
      { runId: 'run-2', evictedKeys: 9 },
      { runId: 'run-2', evictedKeys: 10 },
    )
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
    guard.forget()
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
    guard.forget()
    expect(await guard.inspect(client)).toMatchObject({
      finding: { kind: 'lost', detail: expect.stringContaining('evicted 1 keys') },
    })
    guard.settle()
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
  })

  it.each([
    ['Redis 7.0', { version: '7.0.15' }, /needs WAITAOF of Redis 7.2 or Valkey.*7.0.15/],
    ['no append-only file', { appendOnly: false }, /Set appendonly to yes/],
    ['an append-only file', {}, /^$/],
  ])('says whether fsync can be kept: %s', async (_name, word, message) => {
    const { finding, undurable } = await guardOf(word).inspect(client)
    expect(finding.kind).toBe('fine')
    expect(undurable ?? '').toMatch(message)
  })
})
