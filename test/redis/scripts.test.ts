import { beforeEach, describe, expect, it } from '@jest/globals'
import { runScript, script } from '../../lib/redis/scripts.js'
import type { RedisClient } from '../../lib/redis/opener.js'
import { redisForAllTests } from '../support/redis-under-test.js'

const redis = redisForAllTests()
const ECHO = script('return { KEYS[1], ARGV[1], ARGV[2] }')

let client: RedisClient
let commands: string[]

/** The shared server, and a note of each command that is sent to it. */
beforeEach(async () => {
  const { admin } = redis
  await admin.pipeline([['flushall'], ['script', 'flush']]).exec()
  commands = []
  client = {
    status: 'ready',
    isCluster: false,
    options: {},
    pipeline: (given) => admin.pipeline(given),
    on: () => undefined,
    connect: async () => undefined,
    disconnect: () => undefined,
    call(command, args) {
      commands.push(command)
      return admin.call(command, [...args])
    },
  }
})

describe('runScript', () => {
  it('sends a script once, and its hash from then on', async () => {
    expect(ECHO.sha1).toMatch(/^[\da-f]{40}$/)
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await runScript(client, ECHO, ['k'], ['a', 7])).toEqual(['k', 'a', '7'])
    }
    expect(commands).toEqual(['evalsha', 'eval', 'evalsha'])
  })

  it('sends it again to a server that has forgotten it', async () => {
    await runScript(client, ECHO, ['k'], ['a', 7])
    await redis.admin.script('FLUSH')
    expect(await runScript(client, ECHO, ['k'], ['b', 8])).toEqual(['k', 'b', '8'])
    expect(commands.slice(2)).toEqual(['evalsha', 'eval'])
  })

  it('needs no arguments', async () => {
    expect(await runScript(client, script('return #ARGV'), ['k'])).toBe(0)
  })

  it('fails as the script does, and runs it once', async () => {
    const failing = script("redis.call('INCR', KEYS[1]) return redis.call('LPUSH', KEYS[1], 1)")
    await expect(runScript(client, failing, ['k'])).rejects.toThrow(/WRONGTYPE/)
    expect(await redis.admin.get('k')).toBe('1')
    expect(commands).toEqual(['evalsha', 'eval'])
  })

  it('does not take a NOSCRIPT of the script itself for its own', async () => {
    const odd = script("return redis.error_reply('ERR a NOSCRIPT in the middle')")
    await expect(runScript(client, odd, ['k'])).rejects.toThrow(/in the middle/)
    commands = []
    await expect(runScript(client, odd, ['k'])).rejects.toThrow(/in the middle/)
    expect(commands).toEqual(['evalsha'])
  })
})
