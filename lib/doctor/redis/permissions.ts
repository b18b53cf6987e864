import type { RedisClient } from '../../redis/source/client.js'
import { STORE_COMMANDS } from '../../redis/errors.js'
import { runScript, script } from '../../redis/scripts.js'

/**
 * Which commands the user of this connection may not run, by Redis' own word (7.0 and later): nothing
 * is run. KEYS a key of the store. ARGV commands.
 */
const DENIED = script(`
if not redis.acl_check_cmd then return false end
local arguments = {
  mget = {KEYS[1]}, get = {KEYS[1]}, set = {KEYS[1], '1'}, incr = {KEYS[1]}, type = {KEYS[1]},
  pttl = {KEYS[1]}, exists = {KEYS[1]}, persist = {KEYS[1]}, xadd = {KEYS[1], '*', 'a', 'b'},
  xinfo = {'STREAM', KEYS[1]}, xrange = {KEYS[1], '-', '+'}, xrevrange = {KEYS[1], '+', '-'},
  xread = {'STREAMS', KEYS[1], '0'}, eval = {'return 1', '0'}, evalsha = {'a', '0'}, wait = {'0', '1'},
}
local denied = {}
for _, command in ipairs(ARGV) do
  if not redis.acl_check_cmd(command, unpack(arguments[command] or {})) then
    denied[#denied + 1] = command
  end
end
return denied`)

/** Undefined where this Redis cannot tell. */
export async function deniedCommands(
  client: RedisClient,
  key: string,
): Promise<readonly string[] | undefined> {
  const reply = await runScript(client, DENIED, [key], STORE_COMMANDS)
  return Array.isArray(reply) ? reply.map(String) : undefined
}
