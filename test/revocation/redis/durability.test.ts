import { describe, expect, it } from '@jest/globals'
import { createDurability } from '../../../lib/revocation/redis/durability.js'

describe('what a revocation must have survived', () => {
  it.each<[string, number, boolean, unknown[][], unknown, RegExp]>([
    ['nothing is asked for', 0, false, [], undefined, /^$/],
    ['enough replicas have it', 2, false, [['wait', 2, 800]], 2, /^$/],
    ['a replica is missing', 2, false, [['wait', 2, 800]], 1, /1 of 2 replicas have it in memory/],
    ['an odd answer', 1, false, [['wait', 1, 800]], 'OK', /OK of 1 replicas/],
    ['it is on disk', 0, true, [['call', 'waitaof', 1, 0, 800]], [1, 0], /^$/],
    [
      'it is not on disk',
      0,
      true,
      [['call', 'waitaof', 1, 0, 800]],
      [0, 0],
      /not on disk within 800/,
    ],
    [
      'a replica has it not on disk',
      1,
      true,
      [['call', 'waitaof', 1, 1, 800]],
      [1, 0],
      /0 of 1 .*on disk/,
    ],
    ['no answer', 0, true, [['call', 'waitaof', 1, 0, 800]], undefined, /not on disk/],
  ])('is asked for and judged: %s', (_name, minReplicas, fsync, commands, reply, message) => {
    const durability = createDurability({ minReplicas, fsync, revokeDeadlineMs: 1000 })
    expect(durability.commands).toEqual(commands)
    expect(durability.shortfall(reply) ?? '').toMatch(message)
  })
})
