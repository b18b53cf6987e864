import { FACE } from './floors/face.js'
import { GROUND } from './floors/ground.js'
import { TOKENS } from './floors/tokens.js'
import type { Room } from './room.js'

/**
 * The rooms of `lib/` and what each may import: the one table that lint and CONTRIBUTING read. A
 * room stands below those that it imports. A name that ends with a slash means that room and those
 * inside it. `core` and its rooms are open to all, and are not listed.
 */
export const ROOMS: Readonly<Record<string, Room>> = { ...GROUND, ...TOKENS, ...FACE }
