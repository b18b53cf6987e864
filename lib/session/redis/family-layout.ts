import { ID_CHARS } from '../family-token.js'

const hex = (digits: number): string => '%x'.repeat(digits)
/** A pattern of Lua. */
const UUID: string = `^${[8, 4, 4, 4, 12].map(hex).join('%-')}$`

/**
 * How families lie in Redis: one string for each user, that begins with the user and goes on with
 * the families in the order of their logins. Packed, since most users have one: as a hash, each
 * takes a quarter more, and a key of its own for each, with an index beside it, twice as much.
 *
 * Each family says when it is over. One that is over is not there, and leaves the string with the
 * next login; the key ends with the last of them.
 */
export const FAMILY_LAYOUT: string = `
local LIVE, ENDED, REUSED = 0, 1, 2
local STATES = { [LIVE] = 'live', [ENDED] = 'ended', [REUSED] = 'reused' }
-- Most lives are whole minutes, of which two bytes hold 45 days.
local IN_MINUTES, MINUTE, MOST_MINUTES = 4, 60000, 65535
local HEAD, HEAD_IN_MINUTES = '>BI4I6I5I5I5', '>BI4I6I5I2I2'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end

-- Most names are UUIDs or URLs. A first byte says which, so that no two texts are short for one.
local function short(name)
  if string.find(name, '${UUID}') and name == string.lower(name) then
    local function byte(hex) return string.char(tonumber(hex, 16)) end
    return '\\1' .. string.gsub(string.gsub(name, '-', ''), '..', byte)
  end
  if string.sub(name, 1, 8) == 'https://' then return '\\2' .. string.sub(name, 9) end
  if string.find(name, '^[\\1-\\3]') then return '\\3' .. name end
  return name
end
local function long(name)
  local kind = string.byte(name)
  if kind == 1 then
    return string.format('%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x',
      string.byte(name, 2, 17))
  end
  if kind == 2 then return 'https://' .. string.sub(name, 2) end
  if kind == 3 then return string.sub(name, 2) end
  return name
end

-- A text and its length, in one byte where that will do.
local function sized(part)
  if #part < 255 then return string.char(#part) .. part end
  return '\\255' .. struct.pack('>I4', #part) .. part
end
local function taken(whole, at)
  local size = string.byte(whole, at)
  at = at + 1
  if size == 255 then size, at = struct.unpack('>I4', whole, at) end
  return string.sub(whole, at, at + size - 1), at + size
end

local stored, owner, first = redis.call('GET', KEYS[1]) or '', nil, 1
if stored ~= '' then owner, first = taken(stored, 1) end

local function unpacked(record, from, to)
  local inMinutes = string.byte(record, ${ID_CHARS + 1}) >= IN_MINUTES
  local unit = inMinutes and MINUTE or 1
  local state, count, began, rotated, life, idle, at =
    struct.unpack(inMinutes and HEAD_IN_MINUTES or HEAD, record, ${ID_CHARS + 1})
  local client, session = taken(record, at)
  local family = { id = string.sub(record, 1, ${ID_CHARS}), from = from, to = to,
    state = state % IN_MINUTES, count = count, began = began, rotated = began + rotated,
    ends = began + life * unit, idle = idle * unit,
    client = client, session = string.sub(record, session) }
  return now < family.ends and now < family.rotated + family.idle and family or nil
end
local function packed(family)
  -- A clock that went back, as by a failover, would write a number below zero as one of 35 years.
  family.rotated = math.max(family.rotated, family.began)
  local life, idle, state, head, unit = family.ends - family.began, family.idle, family.state, HEAD, 1
  if life % MINUTE == 0 and idle % MINUTE == 0 and math.max(life, idle) <= MOST_MINUTES * MINUTE then
    state, head, unit = state + IN_MINUTES, HEAD_IN_MINUTES, MINUTE
  end
  return sized(family.id .. struct.pack(head, state, family.count, family.began,
    family.rotated - family.began, life / unit, idle / unit) .. sized(family.client) .. family.session)
end
local function find(id)
  local at = first
  while at <= #stored do
    local record, after = taken(stored, at)
    if string.sub(record, 1, ${ID_CHARS}) == id then return unpacked(record, at, after) end
    at = after
  end
  return nil
end
-- The oldest first.
local function all()
  local families, at = {}, first
  while at <= #stored do
    local record, after = taken(stored, at)
    table.insert(families, unpacked(record, at, after))
    at = after
  end
  return families
end

local function write(whole, family)
  stored = whole
  local over = math.min(family.ends, family.rotated + family.idle)
  local last = math.max(over, now + redis.call('PTTL', KEYS[1]))
  redis.call('SET', KEYS[1], stored, 'PXAT', text(last))
end
-- In its place.
local function save(family)
  write(string.sub(stored, 1, family.from - 1) .. packed(family) .. string.sub(stored, family.to), family)
end
-- In the order in which the store reads it.
local function shown(family)
  return { text(family.count), STATES[family.state], long(owner),
    long(family.client), long(family.session), text(family.began), text(family.rotated), text(family.ends) }
end
`
