/**
 * Whether a JSON text is nested deeper than `limit` levels, the outermost included. Asked before the
 * text is parsed: parsing a few kilobytes of brackets costs as much as checking several signatures.
 * A text that is no JSON counts like the longest beginning of it that is, which a parser gets to.
 */
export function exceedsDepth(json: Uint8Array | string, limit: number): boolean {
  if (typeof json !== 'string') return countMembers(json, limit) === TOO_DEEP
  // Few texts have that many brackets at all, and a search for them is faster than a look at each byte.
  return hasMoreBrackets(json, limit) && exceedsDepth(Buffer.from(json), limit)
}

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
/** `[` and `{`, and their ends, differ in this bit alone. */
const CURLY = 0x20
const OPENING = 0x5b
const CLOSING = 0x5d
const TOO_DEEP = -1

/**
 * Members of the outermost object of a valid JSON text: its colons at depth one, so that names that occur
 * twice count twice. By bytes: in UTF-8 all that counts is ASCII, which is no part of any other character,
 * and looking at characters takes twice as long.
 *
 * @param everyLevel Counts those of all objects in it.
 * @returns -1 where it is nested deeper than `limit`.
 */
export function countMembers(
  json: Uint8Array,
  limit: number = Infinity,
  everyLevel: boolean = false,
): number {
  let count = 0
  let depth = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!
    if (inString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === COLON) count += depth === 1 || everyLevel ? 1 : 0
    else if ((byte & ~CURLY) === OPENING) {
      depth += 1
      if (depth > limit) return TOO_DEEP
    } else if ((byte & ~CURLY) === CLOSING) depth -= 1
  }
  return count
}

function hasMoreBrackets(text: string, limit: number): boolean {
  let count = 0
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      count += 1
      if (count > limit) return true
    }
  }
  return false
}
