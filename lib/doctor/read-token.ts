/** Longer than any token that a guard reads. */
const MAX_BYTES = 262_144
const PATIENCE_MS = 3000

/** A stream, or a terminal. */
type TokenInput = NodeJS.ReadableStream & {
  readonly isTTY?: boolean
  readonly destroy?: () => unknown
}

/**
 * The token on standard input; undefined where none comes. A terminal is not asked, because it would
 * show what is typed; a pipe that stays silent is left after a while.
 */
export async function readToken(input: TokenInput): Promise<string | undefined> {
  if (input.isTTY === true) return undefined
  const chunks: Buffer[] = []
  const silence = setTimeout(() => input.destroy?.(), PATIENCE_MS)
  try {
    let bytes = 0
    for await (const chunk of input) {
      const block = Buffer.from(chunk)
      chunks.push(block)
      bytes += block.length
      // A line is enough: whoever types it into a pipe does not close it.
      if (bytes > MAX_BYTES || block.includes(0x0a)) break
    }
  } catch {
    // Left after a while, or no stream that can be read.
  } finally {
    clearTimeout(silence)
  }
  const text = Buffer.concat(chunks).toString('latin1').trim()
  return text === '' ? undefined : text
}
