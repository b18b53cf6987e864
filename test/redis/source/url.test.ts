import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from '../../../lib/redis/opener.js'
import { openUrl, type RedisPackages } from '../../../lib/redis/source/url.js'

// Nobody listens there: only the kind of client matters.
const NOWHERE = 'redis://127.0.0.1:1'
const opened: RedisClient[] = []

afterEach(() => opened.splice(0).forEach((client) => client.disconnect()))

function failing(error: object): () => Promise<never> {
  return jest.fn<() => Promise<never>>().mockRejectedValue(error)
}

async function opens(packages: Partial<RedisPackages>): Promise<unknown> {
  const both = {
    ioredis: () => Promise.resolve({ Redis }),
    redis: () => Promise.resolve({ createClient }),
  }
  try {
    opened.push(await openUrl(NOWHERE, 'redis', { ...both, ...packages }))
    return 'opened'
  } catch (error) {
    return (error as Error).message
  }
}

const MISSING = [
  ['Node, for import', { code: 'ERR_MODULE_NOT_FOUND', message: "Cannot find package 'x'" }],
  ['Node, for require', { code: 'MODULE_NOT_FOUND', message: "Cannot find module 'x'" }],
  ['a bundle of Bun', new Error('Cannot require module x')],
] as const

describe('a URL of Redis', () => {
  it('is opened by ioredis where it is installed, and node-redis is not loaded', async () => {
    const redis = failing({})
    expect(await opens({ redis })).toBe('opened')
    expect(redis).not.toHaveBeenCalled()
  })

  it.each(MISSING)('is opened by node-redis where %s finds no ioredis', async (_where, error) => {
    expect(await opens({ ioredis: failing(error) })).toBe('opened')
  })

  it.each(MISSING)(
    'names the command to install one, where %s finds neither',
    async (_where, error) => {
      const missing = failing(error)
      expect(await opens({ ioredis: missing, redis: missing })).toBe(
        'A URL in "redis" needs the package ioredis, or redis: npm install ioredis',
      )
    },
  )

  it('tells why a package that is there does not load, in place of trying the other', async () => {
    const redis = failing({})
    const ioredis = failing(new SyntaxError('Unexpected token'))
    expect(await opens({ ioredis, redis })).toBe(
      'The Redis client cannot be loaded: SyntaxError: Unexpected token',
    )
    expect(redis).not.toHaveBeenCalled()
  })
})
