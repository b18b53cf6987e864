import { easeOf, wordsOf } from './ease.js'
import {
  cellSentencesOf,
  codeLinesOf,
  plainCell,
  sentencesOf,
  tablesOf,
  type Table,
} from './markdown.js'
import { PATTERNS } from './patterns.js'

/** Newspapers have a LIX of 40 to 50. */
const HARDEST_LIX = 40
const LONGEST_SENTENCE = 40
const MOST_WORDS_A_SENTENCE = 20
/** GitHub breaks the lines of a cell at spaces, so that a table is as wide as the longest words of its columns. */
const WIDEST_TABLE = 110
const LONGEST_CELL = 260
const WIDEST_CODE = 120
/** Padding and border of a cell, in characters. */
const CELL_FRAME = 4

/** Too hard, too long, or in words that the patterns name. */
export function faultsOfProse(sentences: readonly string[]): string[] {
  return sentences.flatMap((sentence) => {
    // Parts between semicolons are sentences of their own.
    const length = Math.max(...sentence.split('; ').map((part) => wordsOf(part).length))
    const long = length > LONGEST_SENTENCE ? [`${length} words, not ${LONGEST_SENTENCE}`] : []
    return [...long.map((fault) => `${fault}: "${sentence}"`), ...faultsOfWords([sentence])]
  })
}

/** In words that the patterns name. */
export function faultsOfWords(sentences: readonly string[]): string[] {
  return sentences
    .filter((sentence) => !sentence.endsWith('?'))
    .flatMap((sentence) =>
      PATTERNS.filter(({ found }) => found.test(sentence)).map(
        ({ name, advice }) => `${name}: ${advice}: "${sentence}"`,
      ),
    )
}

export function faultsOfPage(page: string): string[] {
  const sentences = sentencesOf(page)
  const { lix, perSentence } = easeOf(sentences)
  const cells = cellSentencesOf(page).filter((cell) => /^[A-Z]/.test(cell))
  return [
    ...(lix > HARDEST_LIX ? [`reading ease: LIX ${lix.toFixed(0)}, not ${HARDEST_LIX}`] : []),
    ...(perSentence > MOST_WORDS_A_SENTENCE
      ? [`${perSentence.toFixed(1)} words a sentence, not ${MOST_WORDS_A_SENTENCE}`]
      : []),
    ...faultsOfProse([...sentences, ...cells]),
    ...faultsOfWidth(page),
  ]
}

/** Tables, cells and lines of code that GitHub's page has no room for. */
export function faultsOfWidth(page: string): string[] {
  const tables = tablesOf(page)
  const wide = tables
    .map((table) => ({ line: table.line, width: widthOf(table) }))
    .filter(({ width }) => width > WIDEST_TABLE)
    .map(({ line, width }) => `line ${line}: a table of ${width} characters, not ${WIDEST_TABLE}`)
  const long = tables
    .flatMap(({ rows }) => rows.flat().flatMap((cell) => plainCell(cell).split('<br>')))
    .filter((cell) => cell.length > LONGEST_CELL)
    .map((cell) => `a cell of ${cell.length} characters, not ${LONGEST_CELL}: "${cell}"`)
  const code = codeLinesOf(page)
    .filter(([, text, language]) => language !== '' && text.length > WIDEST_CODE)
    .map(([line, text]) => `line ${line}: code of ${text.length} characters, not ${WIDEST_CODE}`)
  return [...wide, ...long, ...code]
}

/** As narrow as a table can be made. */
export function widthOf({ rows }: Table): number {
  const columns = rows[0]?.map((_head, index) => {
    const words = rows.flatMap((cells) => plainCell(cells[index] ?? '').split(/\s+|(?<=[-/])/))
    return Math.max(...words.map((word) => word.length)) + CELL_FRAME
  })
  return (columns ?? []).reduce((sum, width) => sum + width, 0)
}
