export interface Ease {
  readonly words: number
  /** Words of a sentence, on average. */
  readonly perSentence: number
  /** LIX: words of a sentence, and words of more than six letters of a hundred. Newspapers have 40 to 50. */
  readonly lix: number
}

const LONG_WORD_LETTERS = 6

/** How hard a text is to read, by C.-H. Björnsson's LIX, which needs no dictionary of syllables. */
export function easeOf(sentences: readonly string[]): Ease {
  const words = sentences.flatMap(wordsOf)
  const long = words.filter((word) => word.length > LONG_WORD_LETTERS).length
  const perSentence = words.length / Math.max(1, sentences.length)
  return {
    words: words.length,
    perSentence,
    lix: perSentence + (100 * long) / Math.max(1, words.length),
  }
}

export function wordsOf(sentence: string): string[] {
  return sentence.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? []
}
