import { createHash } from 'node:crypto'
import { messageOf } from '../core/values.js'
import { namingDenied } from './denied-commands.js'
import { isDeniedInScript } from './errors.js'
import type { RedisClient } from './opener.js'

export interface Script {
  readonly lua: string
  readonly sha1: string
}

export type ScriptArgument = string | number

export function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') }
}

export async function runScript(
  client: RedisClient,
  wanted: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[] = [],
): Promise<unknown> {
  try {
    return await runByHash(client, wanted, keys, args)
  } catch (error) {
    if (!isDeniedInScript(error)) throw error
    throw await namingDenied(error, client, wanted.lua, keys)
  }
}

/** A server that does not know the script (restarted, flushed) is sent it. */
async function runByHash(
  client: RedisClient,
  { lua, sha1 }: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await client.call('evalsha', [sha1, keys.length, ...keys, ...args])
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error
    return client.call('eval', [lua, keys.length, ...keys, ...args])
  }
}
