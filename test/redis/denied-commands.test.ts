import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { deniedCommands, namingDenied } from '../../lib/redis/denied-commands.js'
import { STORE_COMMANDS } from '../../lib/redis/errors.js'
import { adoptIoredis } from '../../lib/redis/source/ioredis.js'
import { runScript, script } from '../../lib/redis/scripts.js'
import { redisForEachTest } from '../support/redis-under-test.js'

const redis = redisForEachTest()
const LUA = `
if redis.pcall('DBSIZE') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'a', 'b')
return redis.call('HGET', KEYS[1], 'a')`

async function narrow(...rules: string[]) {
  await redis.admin.acl('SETUSER', 'narrow', 'on', '>pass', 'resetkeys', '~k', '+@all', ...rules)
  const operator = new Redis(redis.port, {
    username: 'narrow',
    password: 'pass',
    enableReadyCheck: false,
  })
  await once(operator, 'ready')
  return { client: adoptIoredis(operator), close: () => operator.disconnect() }
}

describe('commands that a user of Redis may not run', () => {
  it.each([
    [[], []],
    [
      ['-info', '-xadd'],
      ['info', 'xadd'],
    ],
  ])('are found without running them: %j', async (rules, denied) => {
    const { client, close } = await narrow(...rules)
    await expect(deniedCommands(client, 'k', STORE_COMMANDS)).resolves.toEqual(denied)
    expect(await redis.admin.exists('k')).toBe(0)
    close()
  })

  it('are named in the error of a script that calls them, and no others', async () => {
    const { client, close } = await narrow('-hget', '-dbsize', '-zadd')
    await redis.admin.set('other', 1)
    await expect(runScript(client, script(LUA), ['k'])).rejects.toThrow(
      "NOPERM in a script: may not run the 'dbsize, hget' command",
    )
    close()
  })

  it('are not guessed where this Redis cannot tell', async () => {
    const error = new Error('no')
    const { client, close } = await narrow('-eval')
    await expect(namingDenied(error, client, LUA, ['k'])).resolves.toBe(error)
    close()
  })

  it('are not named where all may be run', async () => {
    const error = new Error('no')
    const { client, close } = await narrow()
    await expect(namingDenied(error, client, LUA, ['k'])).resolves.toBe(error)
    close()
  })
})
