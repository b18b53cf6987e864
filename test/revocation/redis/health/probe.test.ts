import { describe, expect, it } from '@jest/globals'
import { createProbe, type Probe } from '../../../../lib/revocation/redis/health/probe.js'
import { INSPECT } from '../../../../lib/redis/server-facts.js'
import { parseLineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import { ADOPT, BEAT, BEAT_FOR_REDIS_6 } from '../../../../lib/revocation/redis/schema/scripts.js'
import { manualTimer } from '../../../support/manual-timer.js'
import { scriptedRedis, settingsOver, type ScriptedRedis } from '../../../support/scripted-redis.js'

const KEYS = ['{revocations}:lin', '{revocations}:seq', '{revocations}:log']
const BEAT_KEYS = [...KEYS, '{revocations}:hb']

function probeOf(
  answer: (command: string, args: readonly unknown[]) => unknown,
  options: Parameters<typeof settingsOver>[2] = {},
): { readonly redis: ScriptedRedis; readonly probe: Probe } {
  const redis = scriptedRedis(answer)
  return { redis, probe: createProbe(settingsOver(redis, manualTimer(), options)) }
}

const WHOLE = ['record', '7', 1, '99-1', 7, 123_456, 0]

describe('a beat', () => {
  it.each<[string, unknown[], object]>([
    [
      'of data that are there',
      WHOLE,
      {
        lineage: 'record',
        sequence: '7',
        witnessed: true,
        lastEntry: '99-1',
        logged: 7,
        serverTimeMs: 123_456,
      },
    ],
    [
      'of an empty Redis',
      ['', '', 1, '', 0, 5, 0],
      {
        lineage: undefined,
        sequence: undefined,
        witnessed: true,
        lastEntry: undefined,
        logged: 0,
        serverTimeMs: 5,
      },
    ],
    [
      'that misses the entry seen before',
      ['record', '7', 0, '99-1', 7, 5, 0],
      { witnessed: false },
    ],
    [
      'of a server that does not count entries',
      ['record', '7', 1, '99-1', -1, 5, 0],
      { logged: undefined },
    ],
  ])('%s', async (_name, reply, expected) => {
    const { probe, redis } = probeOf(() => reply)
    expect(await probe.beat(redis.client, '98-0')).toMatchObject(expected)
    expect(redis.calls).toEqual([['evalsha', BEAT.sha1, 4, ...BEAT_KEYS, '98-0', 0]])
  })

  it('names no entry where none is known', async () => {
    const { probe, redis } = probeOf(() => WHOLE, { minReplicas: 0 })
    await probe.beat(redis.client, undefined)
    expect(redis.calls[0]!.slice(-2)).toEqual(['', 0])
  })

  it.each<[string, unknown[], RegExp]>([
    ['that is odd', ['record'], /oddly/],
    ['that is longer than it should be', [...WHOLE, 1], /oddly/],
    ['with too few replicas', ['r', '7', 1, '9-1', 7, 5, 1], /^NOREPLICAS: 1 of 2 replicas follow/],
    ['with replicas that are no number', ['r', '7', 1, '9-1', 7, 5, 'x'], /^NOREPLICAS/],
  ])('is a fault %s', async (_name, reply, message) => {
    const { probe, redis } = probeOf(() => reply, { minReplicas: 2 })
    await expect(probe.beat(redis.client, undefined)).rejects.toThrow(message)
  })

  it('believes a master that enough replicas follow', async () => {
    const { probe, redis } = probeOf(() => ['r', '7', 1, '9-1', 7, 5, 2], { minReplicas: 2 })
    expect(await probe.beat(redis.client, undefined)).toMatchObject({ sequence: '7' })
    expect(redis.calls[0]!.at(-1)).toBe(2)
  })

  it('is an odd answer where it is no list', async () => {
    const { probe, redis } = probeOf(() => 'record7')
    await expect(probe.beat(redis.client, undefined)).rejects.toThrow('oddly')
  })

  it('of Redis 6 is a script without flags, behind a write that proves the master', async () => {
    const { probe, redis } = probeOf((_command, [sha1]) => {
      if (sha1 === BEAT.sha1) throw new Error('ERR Error compiling script (new function)')
      return WHOLE
    })
    const old = [
      ['persist', '{revocations}:hb'],
      ['evalsha', BEAT_FOR_REDIS_6.sha1, 4, ...BEAT_KEYS, '', 0],
    ]
    await probe.beat(redis.client, undefined)
    expect(redis.calls.splice(0).slice(1)).toEqual(old)
    // Known from now on.
    await probe.beat(redis.client, undefined)
    expect(redis.calls).toEqual(old)
  })

  it.each([
    ['of another kind', 'LOADING', 'ERR Error compiling script', 1],
    [
      'of a script that no version takes',
      'ERR Error compiling script',
      'ERR Error compiling script',
      3,
    ],
  ])('passes on an error %s', async (_name, first, second, calls) => {
    let asked = 0
    const { probe, redis } = probeOf((command) => {
      if (command === 'persist') return 0
      asked += 1
      throw new Error(asked === 1 ? first : second)
    })
    await expect(probe.beat(redis.client, undefined)).rejects.toThrow(first)
    expect(redis.calls).toHaveLength(calls)
  })

  it('of Redis 6 that fails is not asked twice', async () => {
    let fails = false
    const { probe, redis } = probeOf((_command, [sha1]) => {
      if (sha1 === BEAT.sha1 || fails) throw new Error('ERR Error compiling script')
      return WHOLE
    })
    await probe.beat(redis.client, undefined)
    fails = true
    redis.calls.length = 0
    await expect(probe.beat(redis.client, undefined)).rejects.toThrow('compiling')
    expect(redis.calls).toHaveLength(1)
  })
})

const infoOf = (lines: Record<string, string>): string =>
  `# Server\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}:${value}`)
    .join('\r\n')}\r\n:nameless\r\n`

describe('a look at the server', () => {
  it.each<[string, Record<string, string>, object]>([
    [
      'reads what it says',
      {
        run_id: 'abc',
        redis_version: '7.2.4',
        aof_enabled: '1',
        maxmemory_policy: 'allkeys-lru',
        maxmemory: '100',
        evicted_keys: '12',
      },
      {
        runId: 'abc',
        version: '7.2.4',
        appendOnly: true,
        policy: 'allkeys-lru',
        evicts: true,
        evictedKeys: 12,
      },
    ],
    ['keeps what stands behind a colon', { run_id: 'a:b' }, { runId: 'a:b' }],
    [
      'evicts nothing without a limit',
      { maxmemory_policy: 'allkeys-lru', maxmemory: '0' },
      { evicts: false },
    ],
    [
      'evicts nothing by that policy',
      { maxmemory_policy: 'noeviction', maxmemory: '9' },
      { evicts: false },
    ],
    ['writes no append-only file', { aof_enabled: '0' }, { appendOnly: false }],
    [
      'takes nothing for granted that is not said',
      {},
      {
        runId: '',
        version: 'unknown',
        policy: 'noeviction',
        appendOnly: true,
        evicts: false,
        evictedKeys: 0,
      },
    ],
  ])('%s', async (_name, lines, expected) => {
    const { probe, redis } = probeOf(() => infoOf(lines))
    expect(await probe.inspect(redis.client)).toMatchObject(expected)
    expect(redis.calls).toEqual([['evalsha', INSPECT.sha1, 1, '{revocations}:lin']])
  })

  it('reads lines that end with a line feed alone', async () => {
    const { probe, redis } = probeOf(() => 'run_id:abc\nredis_version:7.0.0\n')
    expect(await probe.inspect(redis.client)).toMatchObject({ runId: 'abc', version: '7.0.0' })
  })
})

describe('a new lineage', () => {
  const NONCE = /^[\da-f]{8}-[\da-f-]{27}$/
  const known = { lineage: parseLineage('v1:5000:first:-:0:0')!, sequence: 9 }

  it('in the place of one that is known goes above it', async () => {
    const { probe, redis } = probeOf(() => 1, { clockToleranceSeconds: 7 })
    await probe.adopt(redis.client, 'v1:old', true, known)
    const expected = ['v1:old', expect.stringMatching(NONCE), 7, 1_000_000_000, 5001, 9]
    expect(redis.calls).toEqual([['evalsha', ADOPT.sha1, 3, ...KEYS, ...expected]])
  })

  it('where nothing was has neither a floor nor a past', async () => {
    const { probe, redis } = probeOf(() => 1, { clock: () => 5.6789 })
    await probe.adopt(redis.client, undefined, false, undefined)
    expect(redis.calls[0]!.slice(-6)).toEqual(['', expect.stringMatching(NONCE), '-', 5678, 1, 0])
  })
})
