import { script, type Script } from '../../redis/scripts.js'
import { FAMILY_LAYOUT } from './family-layout.js'

/**
 * KEYS the user. ARGV id, subject, client, session, idle ms, absolute ms, most families of a user.
 * The oldest are forgotten first: a login that repeats itself fills nothing.
 */
export const START: Script = script(`${FAMILY_LAYOUT}
local subject = short(ARGV[2])
if owner and owner ~= subject then return nil end
owner = subject
local families, whole = all(), sized(owner)
for index = math.max(1, #families - tonumber(ARGV[7]) + 2), #families do
  whole = whole .. string.sub(stored, families[index].from, families[index].to - 1)
end
local family = { id = ARGV[1], state = LIVE, count = 1, began = now, rotated = now,
  ends = now + tonumber(ARGV[6]), idle = tonumber(ARGV[5]), client = short(ARGV[3]), session = short(ARGV[4]) }
write(whole .. packed(family), family)
return shown(family)`)

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
local families = all()
-- From the last, so that those before it stay in their places.
for index = #families, 1, -1 do
  local family = families[index]
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
