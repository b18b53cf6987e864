import type { RedisClient } from './opener.js'

/**
 * Which commands the user of this connection may not run, by Redis' own word (7.0 and later): nothing
 * is run. KEYS a key of the store. ARGV commands.
 */
const DENIED = `
if not redis.acl_check_cmd then return false end
local arguments = {
  set = {KEYS[1], '1'}, xadd = {KEYS[1], '*', 'a', 'b'}, xinfo = {'STREAM', KEYS[1]},
  xrange = {KEYS[1], '-', '+'}, xrevrange = {KEYS[1], '+', '-'}, xread = {'STREAMS', KEYS[1], '0'},
  eval = {'return 1', '0'}, evalsha = {'a', '0'}, wait = {'0', '1'},
}
local denied = {}
for _, command in ipairs(ARGV) do
  if not redis.acl_check_cmd(command, unpack(arguments[command] or {KEYS[1]})) then
    denied[#denied + 1] = command
  end
end
return denied`

/** Undefined where this Redis cannot tell. */
export async function deniedCommands(
  client: RedisClient,
  key: string,
  commands: readonly string[],
): Promise<readonly string[] | undefined> {
  const reply = await client.call('eval', [DENIED, 1, key, ...commands])
  return Array.isArray(reply) ? reply.map(String) : undefined
}

const CALLED = /\bredis\.p?call\('([A-Z]+)'/g

/**
 * Names the commands of a script that its user may not run, since Redis 7 names none: a list of twenty
 * hides the one that is missing. The error itself where that cannot be told.
 */
export async function namingDenied(
  cause: unknown,
  client: RedisClient,
  lua: string,
  [key = '']: readonly string[],
): Promise<unknown> {
  const called = new Set(
    Array.from(lua.matchAll(CALLED), ([, command = '']) => command.toLowerCase()),
  )
  try {
    const denied = await deniedCommands(client, key, [...called])
    if (denied === undefined || denied.length === 0) return cause
    const names = denied.join(', ')
    return new Error(`NOPERM in a script: may not run the '${names}' command`, { cause })
  } catch {
    return cause
  }
}
