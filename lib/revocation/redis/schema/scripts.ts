import { script, type Script } from '../../../redis/scripts.js'

/** Lua that several scripts begin with. */
export const STREAM_INFO = `
local function streamInfo(key)
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'none' then return nil end
  local reply = redis.call('XINFO', 'STREAM', key)
  local info = {}
  for i = 1, #reply, 2 do info[reply[i]] = reply[i + 1] end
  return info
end`

const BEAT_BODY = `${STREAM_INFO}
local log = streamInfo(KEYS[3])
local witnessed = -1
if ARGV[1] ~= '' then
  witnessed = 0
  if log and #redis.call('XRANGE', KEYS[3], ARGV[1], ARGV[1]) == 1 then witnessed = 1 end
end
local replicas = 0
if tonumber(ARGV[2]) > 0 then
  for lag in string.gmatch(redis.call('INFO', 'replication'), 'state=online,[^\\n]*lag=(%d+)') do
    if tonumber(lag) <= 2 then replicas = replicas + 1 end
  end
end
local time = redis.call('TIME')
return {
  redis.call('GET', KEYS[1]) or '',
  redis.call('GET', KEYS[2]) or '',
  witnessed,
  log and log['last-generated-id'] or '',
  log and (log['entries-added'] or -1) or 0,
  string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)),
  replicas,
}`

/**
 * Reads lineage, sequence and log, and proves that this server takes writes: a script without the
 * `no-writes` flag is refused by a replica and by a master without its replicas, although it writes
 * nothing. A full memory is no reason to distrust what it holds.
 *
 * It also counts the replicas that answered in the last two seconds, by their own word and not by
 * what the server last counted: a master that was frozen and then woke up still counts those of old.
 *
 * KEYS lineage, sequence, log, heartbeat. The heartbeat is a key that is never there, so that a
 * Cluster that moves our slot says so. ARGV id of the log entry that must still be there, or ''; how
 * many replicas are wanted.
 */
export const BEAT: Script = script(`#!lua flags=allow-oom
${BEAT_BODY}`)

/** The same for Redis 6, which knows no flags. It proves nothing: see `PROVING_WRITE`. */
export const BEAT_FOR_REDIS_6: Script = script(BEAT_BODY)

/**
 * Sent ahead of a beat for Redis 6. A script would not do: there, a master without its replicas still
 * lets scripts write. This command writes nothing, is no danger in the hands of an ACL user, and is
 * not refused where the memory is full.
 */
export const PROVING_WRITE = 'persist'

/**
 * Begins a new lineage, if the one there is still the expected one: of several processes that found
 * the same loss, one makes the transition. Entries of the old data stay and still revoke, although
 * the new log does not have them. A lineage starts at 0 only in a database without any key: there the
 * log has every entry. Where the user of Redis may not ask for that, it starts above 0.
 *
 * KEYS lineage, sequence, log. ARGV expected record or '', nonce, seconds of tolerance for the floor
 * or '-' for none, our time in ms, least generation, least sequence.
 */
export const ADOPT: Script = script(`${STREAM_INFO}
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
local least = redis.pcall('DBSIZE') == 0 and 0 or 1
local sequence = math.max(tonumber(redis.call('GET', KEYS[2]) or '') or 0, least, tonumber(ARGV[6]))
local log = streamInfo(KEYS[3])
local logged = 0
if log then
  logged = log['entries-added'] or '-'
  local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
  if last then sequence = math.max(sequence, tonumber(last[2][2]) or 0) end
end
local time = redis.call('TIME')
local now = math.max(time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[4]))
local generation = math.max(now, tonumber(ARGV[5]))
local floor = '-'
if ARGV[3] ~= '-' then
  floor = string.format('%.0f', math.ceil(generation / 1000 + tonumber(ARGV[3])))
end
redis.call('SET', KEYS[2], string.format('%.0f', sequence))
redis.call('SET', KEYS[1], string.format('v1:%.0f:%s:%s:%.0f:%s', generation, ARGV[2], floor, sequence, logged))
return 1`)
