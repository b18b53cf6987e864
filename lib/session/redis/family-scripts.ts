import { script, type Script } from '../../redis/scripts.js'

/** Fields of a family, in the order in which scripts answer them. */
const READ = `
local function read(key)
  return redis.call('HMGET', key, 'n', 'st', 'iss', 'sub', 'cl', 'sid', 'b', 't', 'e')
end
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.0f', number) end`

/**
 * KEYS the family, those of its user. ARGV id, issuer, subject, client, session, idle ms, absolute
 * ms, most families of a user, what the name of every family of theirs begins with. The oldest are forgotten first: a login that repeats itself fills nothing.
 */
export const START: Script = script(`${READ}
local now = nowMs()
local expires = now + tonumber(ARGV[7])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[8])
if surplus >= 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus)) do
    redis.call('DEL', ARGV[9] .. id)
    redis.call('ZREM', KEYS[2], id)
  end
end
redis.call('HSET', KEYS[1], 'n', 1, 'st', 'live', 'iss', ARGV[2], 'sub', ARGV[3], 'cl', ARGV[4],
  'sid', ARGV[5], 'b', text(now), 't', text(now), 'e', text(expires))
redis.call('PEXPIREAT', KEYS[1], text(math.min(expires, now + tonumber(ARGV[6]))))
redis.call('ZADD', KEYS[2], text(expires), ARGV[1])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[7]) then redis.call('PEXPIREAT', KEYS[2], text(expires)) end
return read(KEYS[1])`)

export const FIND: Script = script(`${READ}
return read(KEYS[1])`)

/** What `judgeRotation` says, and the step itself. KEYS the family. ARGV number, client, idle ms, grace ms. */
export const ROTATE: Script = script(`${READ}
local family = read(KEYS[1])
if not family[1] then return nil end
local now = nowMs()
local current, presented = tonumber(family[1]), tonumber(ARGV[1])
local rotated = tonumber(family[8])
local function judge()
  if family[2] ~= 'live' then return family[2] end
  if ARGV[2] ~= family[5] then return 'wrong_client' end
  if now >= tonumber(family[9]) or now >= rotated + tonumber(ARGV[3]) then return 'expired' end
  if presented == current then return 'rotated' end
  if presented > current then return 'ahead' end
  if presented == current - 1 and now < rotated + tonumber(ARGV[4]) then return 'again' end
  return 'reused'
end
local rotation = judge()
if rotation == 'rotated' then
  redis.call('HSET', KEYS[1], 'n', text(current + 1), 't', text(now))
  redis.call('PEXPIREAT', KEYS[1], text(math.min(tonumber(family[9]), now + tonumber(ARGV[3]))))
elseif rotation == 'reused' or rotation == 'ahead' then
  redis.call('HSET', KEYS[1], 'st', 'reused')
end
local after = read(KEYS[1])
table.insert(after, rotation)
return after`)

/** KEYS the family. ARGV the state. A script, because HSET would bring back one that is over. */
export const END: Script = script(`${READ}
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'st', ARGV[1]) end
return read(KEYS[1])`)

/** KEYS those of the user. ARGV what the name of each family begins with, session that stays or ''. */
export const END_SUBJECT: Script = script(`
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local family = redis.call('HMGET', ARGV[1] .. id, 'st', 'sid')
  if family[1] == 'live' and (ARGV[2] == '' or family[2] ~= ARGV[2]) then
    redis.call('HSET', ARGV[1] .. id, 'st', 'ended')
    ended = ended + 1
  end
end
return ended`)

/** KEYS those of the user. ARGV what the name of each family begins with. */
export const LIST: Script = script(`${READ}
local families = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local family = read(ARGV[1] .. id)
  if family[2] == 'live' then table.insert(families, family) end
end
return families`)
