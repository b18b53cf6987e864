import { describe, expect, it } from '@jest/globals'
import { mayEvict, serverFactsOf } from '../../lib/redis/server-facts.js'

const INFO =
  '# Server\r\nredis_version:7.2.4\r\nrun_id:a1\r\n# Memory\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n# Persistence\r\naof_enabled:0\r\n# Stats\r\nevicted_keys:7\r\n'

describe('what INFO says of a server', () => {
  it('is read line by line', () => {
    expect(serverFactsOf(INFO)).toEqual({
      runId: 'a1',
      version: '7.2.4',
      evicts: true,
      appendOnly: false,
      policy: 'allkeys-lru',
      evictedKeys: 7,
    })
  })

  it.each([
    ['it evicts nothing by its policy', INFO.replace('allkeys-lru', 'noeviction'), false],
    ['its memory has no bound', INFO.replace('maxmemory:100', 'maxmemory:0'), false],
    ['it does not tell its bound', INFO.replace('maxmemory:100\r\n', ''), true],
    ['it tells nothing', '', false],
  ])('says whether keys may be evicted where %s', (_where, info, evicts) => {
    expect(serverFactsOf(info).evicts).toBe(evicts)
  })

  it('says that no append-only file is written only where it is known', () => {
    expect(serverFactsOf('').appendOnly).toBe(true)
    expect(serverFactsOf(INFO.replace('aof_enabled:0', 'aof_enabled:1')).appendOnly).toBe(true)
  })

  it('says for a person why keys may be evicted, and the fix', () => {
    expect(mayEvict('used proofs', serverFactsOf(INFO))).toBe(
      'Redis may evict used proofs, because maxmemory-policy is allkeys-lru. Set it to noeviction, or maxmemory to 0',
    )
  })
})
