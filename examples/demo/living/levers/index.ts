import { flood } from './flood.js'
import { rotate } from './keys.js'
import type { Lever } from './lever.js'
import { mcp } from './mcp.js'
import { dpop, opaque } from './other-tokens.js'
import { cutRedis, healRedis, holdRedis } from './redis.js'
import { replay, revokeUser, twoCookies } from './revocation.js'

/** Each at `POST /stage/<name>`. */
export const LEVERS: Readonly<Record<string, Lever>> = {
  replay,
  'revoke-user': revokeUser,
  'two-cookies': twoCookies,
  rotate,
  'cut-redis': cutRedis,
  'hold-redis': holdRedis,
  'heal-redis': healRedis,
  flood,
  opaque,
  dpop,
  mcp,
}
