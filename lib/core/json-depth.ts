const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `[` and `{`, and their ends, differ in this bit alone. */
const CURLY = 0x20
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/**
 * Whether a text nests arrays and objects deeper than `limit`. Asked before `JSON.parse`, whose time
 * for a heap of brackets is many times that for plain text of the same length. Of a text that is no
 * JSON it says nothing but that the parser will not go deeper.
 */
export function exceedsDepth(bytes: Uint8Array | string, limit: number): boolean {
  const json = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  let depth = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!
    if (inString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if ((byte & ~CURLY) === OPENING_BRACKET) {
      depth += 1
      if (depth > limit) return true
    } else if ((byte & ~CURLY) === CLOSING_BRACKET) depth -= 1
  }
  return false
}
