const hex = (digits: number): string => '%x'.repeat(digits)
/** A pattern of Lua. */
const UUID: string = `^${[8, 4, 4, 4, 12].map(hex).join('%-')}$`

/**
 * How families lie in Redis: one hash for each user, whose field '' is issuer and subject, and whose
 * other fields are the families by their ids. Packed, since most users have one, and a key of its own
 * for each, with an index beside it, costs twice as much. A value above 64 bytes would make the hash
 * a table.
 *
 * Of the fields of a hash, Redis 7.0 forgets none by itself. So each family says when it is over: one
 * that is over is not there, and is removed where it is met; the key ends with the last of them.
 */
export const FAMILY_LAYOUT: string = `
local LIVE, ENDED, REUSED = 0, 1, 2
local STATES = { [LIVE] = 'live', [ENDED] = 'ended', [REUSED] = 'reused' }
local HEAD, NAME = '>BI4I6I5I5I5', '>I2c0'
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

local function forget(family) redis.call('HDEL', KEYS[1], family.id) end
local function unpacked(id, owner, value)
  local state, count, began, rotated, ends, idle, rest = struct.unpack(HEAD, value)
  local names = string.sub(value, rest)
  local client, session = struct.unpack(NAME, names)
  local family = { id = id, owner = owner, state = state, count = count, began = began,
    rotated = began + rotated, ends = began + ends, idle = idle, names = names,
    client = client, session = string.sub(names, session) }
  if now < family.ends and now < family.rotated + idle then return family end
  forget(family)
  return nil
end
local function find(id)
  local found = redis.call('HMGET', KEYS[1], '', id)
  return found[2] and unpacked(id, found[1], found[2]) or nil
end
-- The oldest first.
local function all()
  local fields, families, owner = redis.call('HGETALL', KEYS[1]), {}, redis.call('HGET', KEYS[1], '')
  for index = 1, #fields, 2 do
    local family = fields[index] ~= '' and unpacked(fields[index], owner, fields[index + 1])
    if family then table.insert(families, family) end
  end
  table.sort(families, function(one, other) return one.began < other.began end)
  return families
end
local function save(family)
  -- A clock that went back, as by a failover, would write a number below zero as one of 35 years.
  family.rotated = math.max(family.rotated, family.began)
  local head = struct.pack(HEAD, family.state, family.count, family.began,
    family.rotated - family.began, family.ends - family.began, family.idle)
  redis.call('HSET', KEYS[1], family.id, head .. family.names)
  local over = math.min(family.ends, family.rotated + family.idle)
  if redis.call('PTTL', KEYS[1]) < over - now then redis.call('PEXPIREAT', KEYS[1], text(over)) end
end
local function pair(one, other)
  one = short(one)
  return struct.pack(NAME, #one, one) .. short(other)
end
-- In the order in which the store reads it.
local function shown(family)
  local issuer, rest = struct.unpack(NAME, family.owner)
  local subject = string.sub(family.owner, rest)
  return { text(family.count), STATES[family.state], long(issuer), long(subject),
    long(family.client), long(family.session), text(family.began), text(family.rotated), text(family.ends) }
end
`
