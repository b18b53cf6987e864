import type { GetManualChunk, GetModuleInfo } from 'rollup'

/**
 * Most bytes of a chunk. The archive holds the two halves of a chunk side by side, and its compression
 * finds what is the same within 32 kB. Fewer and larger chunks are quicker to import.
 */
const MAX_BYTES = 28_000

/**
 * Cuts all that the entries reach into chunks, those of the first entries first: what a later entry
 * shares with an earlier one lies in the chunks of the earlier one.
 */
export function cutChunks(entries: Readonly<Record<string, string>>): GetManualChunk {
  let chunks: ReadonlyMap<string, string> | undefined
  return (id, { getModuleInfo }) => (chunks ??= chunksOf(entries, getModuleInfo)).get(id)
}

function chunksOf(
  entries: Readonly<Record<string, string>>,
  getModuleInfo: GetModuleInfo,
): ReadonlyMap<string, string> {
  const chunks = new Map<string, string>()
  const entryFiles = new Set(Object.values(entries))
  for (const [name, file] of Object.entries(entries)) {
    let number = 1
    let bytes = 0
    for (const id of reachedFrom(file, getModuleInfo)) {
      if (entryFiles.has(id) || chunks.has(id)) continue
      const size = getModuleInfo(id)?.code?.length ?? 0
      if (bytes > 0 && bytes + size > MAX_BYTES) {
        number += 1
        bytes = 0
      }
      chunks.set(id, `${name}-${number}`)
      bytes += size
    }
  }
  return chunks
}

/** Each file after those that it imports, so that no two chunks import each other. */
function reachedFrom(
  file: string,
  getModuleInfo: GetModuleInfo,
  reached = new Set<string>(),
  ordered: string[] = [],
): readonly string[] {
  if (reached.has(file)) return ordered
  reached.add(file)
  for (const imported of getModuleInfo(file)?.importedIds ?? []) {
    reachedFrom(imported, getModuleInfo, reached, ordered)
  }
  ordered.push(file)
  return ordered
}
