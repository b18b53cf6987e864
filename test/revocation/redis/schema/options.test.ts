import { describe, expect, it } from '@jest/globals'
import { systemClock, systemTimer } from '../../../../lib/core/clock.js'
import type { AuthEvent } from '../../../../lib/core/events/events.js'
import {
  compileSettings,
  type RedisRevocationStoreOptions,
  type Settings,
} from '../../../../lib/revocation/redis/schema/options.js'

const five = (): number => 5

const compile = (options: Partial<RedisRevocationStoreOptions> = {}): Settings =>
  compileSettings({ redis: 'redis://never-asked.test', ...options })

describe('the options of the store in Redis', () => {
  it('have these defaults', () => {
    const { opener, keys, lifetimes, events, ...plain } = compile()
    expect(plain).toEqual({
      name: 'revocations',
      mode: 'strict',
      maxReplicaEntries: 10_000_000,
      deadlineMs: 500,
      revokeDeadlineMs: 1000,
      stalenessBoundMs: 1000,
      minReplicas: 0,
      fsync: false,
      retentionMs: Math.ceil(lifetimes.retentionSeconds * 1000),
      onDataLoss: 'floor',
      onEmpty: 'floor',
      onEviction: 'refuse',
      clock: systemClock,
      timer: systemTimer,
    })
    expect(keys.prefix).toBe('{revocations}:')
    expect(keys.id('user-1')).toBe('user-1')
    expect(opener).toEqual({ open: expect.any(Function) })
    expect(events.active).toBe(false)
  })

  it('are taken as they are given', () => {
    const told: AuthEvent[] = []
    const given = {
      name: 'app',
      mode: 'replicated',
      maxReplicaEntries: 1000,
      deadlineMs: 1,
      revokeDeadlineMs: 60_000,
      stalenessBoundMs: 100,
      minReplicas: 100,
      fsync: true,
      onDataLoss: 'refuse',
      onEmpty: 'initialize',
      onEviction: 'warn',
      clock: five,
    } as const
    const settings = compile({ ...given, hashIds: true, onEvent: (event) => told.push(event) })
    expect(settings).toMatchObject(given)
    expect(settings.keys.id('user-1')).toMatch(/^~/)
    settings.events.emit({ name: 'revocation.state', store: 'app', state: 'ready' })
    expect(told).toHaveLength(1)
  })

  it('give a revocation more time where it must reach the disk', () => {
    expect(compile({ fsync: true }).revokeDeadlineMs).toBe(3000)
    expect(compile({ fsync: true, revokeDeadlineMs: 700 }).revokeDeadlineMs).toBe(700)
  })

  it.each<[string, unknown, string]>([
    ['redis', undefined, 'be a redis:// URL'],
    ['name', '', 'be a non-empty string'],
    ['name', 'a{b', 'not contain a brace'],
    ['name', 'a}b', 'not contain a brace'],
    ['mode', 'fast', "be 'strict' or 'replicated'"],
    ['maxReplicaEntries', 999, 'be a whole number from 1000 to 100000000'],
    ['maxReplicaEntries', 100_000_001, 'be a whole number from 1000 to 100000000'],
    ['maxReplicaEntries', 1000.5, 'be a whole number from 1000 to 100000000'],
    ['deadlineMs', 0, 'be a number from 1 to 60000'],
    ['revokeDeadlineMs', 60_001, 'be a number from 1 to 60000'],
    ['stalenessBoundMs', 99, 'be a number from 100 to 60000'],
    ['minReplicas', -1, 'be a whole number from 0 to 100'],
    ['minReplicas', 1.5, 'be a whole number from 0 to 100'],
    ['minReplicas', 101, 'be a whole number from 0 to 100'],
    ['fsync', 'yes', 'be true or false'],
    ['hashIds', 1, 'be true or false'],
    ['onDataLoss', 'initialize', "be 'floor' or 'refuse'"],
    ['onEmpty', 'ignore', "be 'floor' or 'initialize' or 'refuse'"],
    ['onEviction', 'floor', "be 'refuse' or 'warn'"],
    ['clock', 5, 'be a function'],
    ['onEvent', {}, 'be a function'],
    ['advice', 'no', 'be true or false'],
    ['maxTokenLifetimeSeconds', -1, 'be a number from 0 to'],
  ])('refuse "%s" of %j', (name, value, must) => {
    expect(() => compile({ [name]: value })).toThrow(`redisRevocationStore: "${name}" must ${must}`)
  })

  it('are known by name, each of them', () => {
    expect(() => compile({ deadline: 5 } as never)).toThrow('unknown option "deadline"')
    expect(() => compile({ advice: false })).not.toThrow()
  })
})
