import type { Actor, Auth } from '../../core/auth/auth.js'

/**
 * Bytes on the heap, measured with Node 20 and rounded up. A hostile issuer makes them dear: an object
 * of a shape of its own has a description of that shape beside it, a step of it for each name, and 8 kB
 * of empty lists are 112 kB.
 */
const OBJECT = 72
const NAME = 200
const LIST = 56
/** In a list, beside the value. */
const PLACE = 8
const TEXT = 24
const NUMBER = 16
/** In a set, half of whose places may be free, with the text. */
const MEMBER = 96

/**
 * Freezes claims, however deep, and says how much memory they take at most, but for the characters. In
 * one walk, because each new token pays for it; it recurses as deep as JSON of a token may be nested.
 */
export function freezeAndWeigh(claims: object): number {
  const isList = Array.isArray(claims)
  const members: readonly unknown[] = isList ? claims : Object.values(claims)
  let bytes = isList ? LIST + members.length * PLACE : OBJECT + members.length * NAME
  for (const member of members) {
    if (typeof member === 'string') bytes += TEXT
    else if (typeof member === 'number') bytes += NUMBER
    else if (typeof member === 'object' && member !== null) bytes += freezeAndWeigh(member)
  }
  Object.freeze(claims)
  return bytes
}

/** Of all characters in claims, by their JSON. One beyond Latin-1, escaped or not, makes a string twice as wide. */
export function weightOfText(payload: string): number {
  const isNarrow = Buffer.byteLength(payload) === payload.length && !payload.includes('\\u')
  return isNarrow ? payload.length : 2 * payload.length
}

export function weightOfSets({ scopes, roles, permissions }: Auth): number {
  return (scopes.size + roles.size + permissions.size) * MEMBER
}

/** Their texts are those of the claims. */
export function weightOfActors(actor: Actor | undefined): number {
  return actor === undefined ? 0 : LIST + (1 + actor.earlier.length) * (OBJECT + PLACE)
}
