/**
 * The name that an unknown one probably means: the same words in another order or place, like
 * `scopeClaim` for `claims.scope`; else a misspelling; else some of the words of a longer name. A
 * dotted candidate is an option within another.
 */
export function guessName(name: string, candidates: readonly string[]): string | undefined {
  const words = wordsOf(name)
  return (
    candidates.find(
      (candidate) => isSubset(words, candidate) && isSubset(wordsOf(candidate), name),
    ) ??
    closest(name, candidates) ??
    candidates.find((candidate) => isSubset(words, candidate))
  )
}

function isSubset(words: readonly string[], name: string): boolean {
  const all = wordsOf(name)
  return words.length > 0 && words.every((word) => all.includes(word))
}

/** In lower case, and without the `s` of a plural. */
function wordsOf(name: string): readonly string[] {
  return name
    .split(/[^A-Za-z]+|(?=[A-Z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase().replace(/s$/, ''))
}

function closest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const own = candidate.slice(candidate.lastIndexOf('.') + 1)
    const distance = editDistance(name.toLowerCase(), own.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, replace))
    }
    previous = current
  }
  return previous[b.length]!
}
