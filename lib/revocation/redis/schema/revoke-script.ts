import { script, type Script } from '../../../redis/scripts.js'
import { STREAM_INFO } from './scripts.js'

/** The lattice of `mergeMarks` in facts.ts, on records. Nil where a record cannot be read. */
const MERGE = `
local function second(text)
  if text == '-' then return -math.huge end
  return tonumber(text)
end
local function later(a, b)
  if second(a) >= second(b) then return a end
  return b
end
local function parseMark(record)
  local notBefore, rest = string.match(record, '^(%-?%d+%.?%d*)(.*)$')
  if not notBefore then return nil end
  local sessions, length = {}, 0
  for session, own in string.gmatch(rest, ';([^;=]+)=([^;=]+)') do
    if not second(own) then return nil end
    sessions[session] = own
    length = length + #session + #own + 2
  end
  if length ~= #rest then return nil end
  return { notBefore = notBefore, sessions = sessions }
end
local function mergeMarks(a, b)
  local notBefore = later(a.notBefore, b.notBefore)
  local names, seen, record = {}, {}, notBefore
  for _, mark in ipairs({ a, b }) do
    for session in pairs(mark.sessions) do
      if not seen[session] then
        seen[session] = true
        names[#names + 1] = session
      end
    end
  end
  table.sort(names)
  for _, session in ipairs(names) do
    local own = later(a.sessions[session] or a.notBefore, b.sessions[session] or b.notBefore)
    if second(own) < second(notBefore) then record = record .. ';' .. session .. '=' .. own end
  end
  return record
end
local function merge(kind, old, new)
  if kind == 'flag' then return old == new and new or nil end
  if kind == 'number' then return second(old) and later(old, new) or nil end
  local a, b = parseMark(old), parseMark(new)
  return a and b and mergeMarks(a, b) or nil
end`

/**
 * Stores one revocation: the entry, merged with what is there so that nothing is ever taken back,
 * the sequence and the log. It looks at everything before it writes anything, and refuses where the
 * data are not those the caller knows: a receipt from a store that was rolled back would be worth
 * nothing.
 *
 * A revocation that changes nothing is neither counted nor logged, or whoever repeats one fills the
 * memory. Its key is written all the same, because WAIT and WAITAOF promise something about writes of
 * their own connection only. The log must have the entry: one that is left of lost data is not in it,
 * and replicas would never hear of it. So in a lineage that began with these entries a repetition is
 * logged once, and a key beside the entry says in which lineage that was.
 *
 * Builds before this one count kinds of entries in a lineage of version 2, and do not ask for a kind
 * that is not counted. So each revocation there says that there are all of them.
 *
 * With a counter and a mark: a new entry is counted for its user, and the mark is stored in its place
 * once there are too many. The counter expires a while after the first one, whatever came later; the
 * entries of two of these times are there at once at most.
 *
 * KEYS lineage, sequence, log, the retired count of kinds, entry, the key beside it, and perhaps counter, mark, the key
 * beside that. ARGV lineage record, least
 * sequence, our time (ms), retention of the log (ms); of the entry: kind, value, name in the log,
 * needed until (ms), kept until (ms); and perhaps how many are allowed, how long a counter lives (ms),
 * and of the mark the same as of the entry.
 */
export const REVOKE: Script = script(`${STREAM_INFO}${MERGE}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'changed' } end
local sequence = tonumber(redis.call('GET', KEYS[2]) or '')
if not sequence or sequence < tonumber(ARGV[2]) then return { 'changed' } end
local logKind = redis.call('TYPE', KEYS[3])['ok']
if logKind ~= 'stream' and logKind ~= 'none' then return { 'unreadable' } end
local at, key, beside, asMark, count = 5, KEYS[5], KEYS[6], 0, nil
if KEYS[7] and redis.call('EXISTS', key) == 0 then
  count = tonumber(redis.call('GET', KEYS[7]) or '') or 0
  if count >= tonumber(ARGV[10]) then at, key, beside, asMark, count = 12, KEYS[8], KEYS[9], 1, nil end
end
local format, value, name = ARGV[at], ARGV[at + 1], ARGV[at + 2]
local old = redis.call('GET', key)
if old then value = merge(format, old, value) end
if not value then return { 'unreadable' } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function onEitherClock(instant)
  return math.max(tonumber(instant), now + tonumber(instant) - tonumber(ARGV[3]))
end
local start, logged = string.match(ARGV[1], ':(%d+):([%d-]+)$')
local blank = start == '0' and logged == '0'
local function isInLog()
  local log = streamInfo(KEYS[3])
  if not log or not (blank or redis.call('GET', beside) == ARGV[1]) then return false end
  local added = log['entries-added']
  return not added or logged == '-' or added - logged == sequence - start
end
local left = redis.call('PTTL', key)
local suffices = left == -1 or now + left >= onEitherClock(ARGV[at + 3])
if old == value and suffices and isInLog() then
  redis.call('SET', key, value, 'KEEPTTL')
  return { 'stored', sequence, '', asMark }
end
local forgetAt = onEitherClock(ARGV[at + 4])
if left > 0 then forgetAt = math.max(forgetAt, now + left) end
local forgetText = string.format('%.0f', forgetAt)
if string.sub(ARGV[1], 1, 3) == 'v2:' then redis.call('SET', KEYS[4], '-jdscvg') end
if count == 0 then
  redis.call('SET', KEYS[7], 1, 'PX', ARGV[11])
elseif count then
  redis.call('SET', KEYS[7], count + 1, 'KEEPTTL')
end
if old == value and not blank then redis.call('SET', beside, ARGV[1], 'PXAT', forgetText) end
if left == -1 then
  redis.call('SET', key, value)
else
  redis.call('SET', key, value, 'PXAT', forgetText)
end
sequence = redis.call('INCR', KEYS[2])
local cutoff = string.format('%.0f', math.max(0, now - tonumber(ARGV[4])))
local id = redis.call('XADD', KEYS[3], 'MINID', '~', cutoff, '*',
  'n', sequence, 'k', name, 'v', value, 'e', forgetText)
return { 'stored', sequence, id, asMark }`)
