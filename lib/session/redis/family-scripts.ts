import { script, type Script } from '../../redis/scripts.js'
import { FAMILY_LAYOUT } from './family-layout.js'

/**
 * KEYS the user. ARGV id, issuer, subject, client, session, idle ms, absolute ms, most families of a
 * user. The oldest are forgotten first: a login that repeats itself fills nothing.
 */
export const START: Script = script(`${FAMILY_LAYOUT}
local owner = pair(ARGV[2], ARGV[3])
if (redis.call('HGET', KEYS[1], '') or owner) ~= owner then return nil end
local families = all()
for index = 1, #families - tonumber(ARGV[8]) + 1 do forget(families[index]) end
redis.call('HSET', KEYS[1], '', owner)
save({ id = ARGV[1], state = LIVE, count = 1, began = now, rotated = now,
  ends = now + tonumber(ARGV[7]), idle = tonumber(ARGV[6]), names = pair(ARGV[4], ARGV[5]) })
return shown(find(ARGV[1]))`)

/** KEYS the user. ARGV id. */
export const FIND: Script = script(`${FAMILY_LAYOUT}
local family = find(ARGV[1])
return family and shown(family)`)

/** What `judgeRotation` says, and the step itself. KEYS the user. ARGV id, number, client, idle ms, grace ms. */
export const ROTATE: Script = script(`${FAMILY_LAYOUT}
local family = find(ARGV[1])
if not family then return nil end
local presented = tonumber(ARGV[2])
local function judge()
  if family.state ~= LIVE then return STATES[family.state] end
  if short(ARGV[3]) ~= family.client then return 'wrong_client' end
  if now >= family.ends or now >= family.rotated + tonumber(ARGV[4]) then return 'expired' end
  if presented == family.count then return 'rotated' end
  if presented > family.count then return 'ahead' end
  if presented == family.count - 1 and math.abs(now - family.rotated) < tonumber(ARGV[5]) then return 'again' end
  return 'reused'
end
local rotation = judge()
if rotation == 'rotated' then
  family.count, family.rotated, family.idle = family.count + 1, now, tonumber(ARGV[4])
  save(family)
elseif family.state == LIVE and (rotation == 'reused' or rotation == 'ahead') then
  family.state = REUSED
  save(family)
end
local after = shown(family)
table.insert(after, rotation)
return after`)

/** KEYS the user. ARGV id, state. */
export const END: Script = script(`${FAMILY_LAYOUT}
local family = find(ARGV[1])
if not family then return nil end
family.state = ARGV[2] == 'reused' and REUSED or ENDED
save(family)
return shown(family)`)

/** KEYS the user. ARGV session that stays or ''. */
export const END_SUBJECT: Script = script(`${FAMILY_LAYOUT}
local ended = 0
for _, family in ipairs(all()) do
  if family.state == LIVE and (ARGV[1] == '' or family.session ~= short(ARGV[1])) then
    family.state = ENDED
    save(family)
    ended = ended + 1
  end
end
return ended`)

/** KEYS the user. */
export const LIST: Script = script(`${FAMILY_LAYOUT}
local families = {}
for _, family in ipairs(all()) do
  if family.state == LIVE then table.insert(families, shown(family)) end
end
return families`)
