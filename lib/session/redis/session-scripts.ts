import { script, type Script } from '../../redis/scripts.js'

/**
 * A session is one hash: `r` its record, `v` the version, `i` its idle life, `e` its end whatever
 * happens, `h` and `u` who holds the lock, and until when. Times are milliseconds.
 */
const READ = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.0f', number) end
local function seen(now)
  local found = redis.call('HMGET', KEYS[1], 'r', 'v')
  if not found[1] then return nil end
  return { found[1], found[2], text(now + math.max(redis.call('PTTL', KEYS[1]), 0)) }
end`

/** KEYS the session. ARGV record, idle ms, absolute ms. */
export const CREATE: Script = script(`${READ}
local now = nowMs()
local ends = now + tonumber(ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'r', ARGV[1], 'v', 1, 'i', ARGV[2], 'e', text(ends))
redis.call('PEXPIREAT', KEYS[1], text(math.min(ends, now + tonumber(ARGV[2]))))
return 1`)

/**
 * KEYS the session. ARGV 1 to put its idle end off: only where a tenth of the idle life, or a minute,
 * is over since, so that most reads write nothing.
 */
export const READ_SESSION: Script = script(`${READ}
local now = nowMs()
if ARGV[1] == '1' then
  local life = redis.call('HMGET', KEYS[1], 'i', 'e')
  if not life[1] then return nil end
  local idle = tonumber(life[1])
  local target = math.min(tonumber(life[2]), now + idle)
  if target - now - redis.call('PTTL', KEYS[1]) > math.min(idle / 10, 60000) then
    redis.call('PEXPIREAT', KEYS[1], text(target))
  end
end
return seen(now)`)

/** KEYS the session. ARGV holder, ms. */
export const LOCK: Script = script(`${READ}
local now = nowMs()
local lock = redis.call('HMGET', KEYS[1], 'v', 'h', 'u')
if not lock[1] then return nil end
if lock[2] and lock[2] ~= ARGV[1] and now < tonumber(lock[3]) then return 'held' end
redis.call('HSET', KEYS[1], 'h', ARGV[1], 'u', text(now + tonumber(ARGV[2])))
return seen(now)`)

/** KEYS the session. ARGV record, holder, version. */
export const WRITE: Script = script(`
local found = redis.call('HMGET', KEYS[1], 'r', 'v', 'h')
if not found[1] then return 0 end
local version = tonumber(ARGV[3])
if tonumber(found[2]) == version + 1 and found[1] == ARGV[1] then return 1 end
if found[3] ~= ARGV[2] or tonumber(found[2]) ~= version then return 0 end
redis.call('HSET', KEYS[1], 'r', ARGV[1], 'v', version + 1)
redis.call('HDEL', KEYS[1], 'h', 'u')
return 1`)

/** KEYS the session. ARGV holder. */
export const UNLOCK: Script = script(`
if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('HDEL', KEYS[1], 'h', 'u') end
return 1`)

export const END_SESSION: Script = script(`
return redis.call('DEL', KEYS[1])`)

/** KEYS the claim. ARGV ms. */
export const CLAIM: Script = script(`
if redis.call('SET', KEYS[1], 1, 'NX', 'PX', ARGV[1]) then return 1 end
return 0`)
