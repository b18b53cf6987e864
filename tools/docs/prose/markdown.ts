// Text of a Markdown page as a reader meets it: what is code, or structure, is no prose.

export interface Table {
  /** The line of its head, from 1. */
  readonly line: number
  readonly rows: readonly (readonly string[])[]
}

const FENCE = /^ *```[^\n]*\n.*?^ *```$/gms
const PRINTED = /^<!-- (?:options|members|file|diff): .*?^<!-- end -->$/gms

/** Takes out what matches, and keeps its lines, so that a line found later has its number. */
function blank(text: string, pattern: RegExp): string {
  return text.replaceAll(pattern, (found) => found.replaceAll(/[^\n]/g, ''))
}

/** Sentences outside of code, headings and tables. A piece of code counts as one short word. */
export function sentencesOf(page: string): string[] {
  const text = [FENCE, PRINTED, /^#{1,6} .*$/gm, /^\|.*$/gm, /^<.*$/gm].reduce(blank, page)
  return text
    .split(/\n{2,}|\n(?=\s*(?:[-*]|\d+\.) )/)
    .flatMap((paragraph) => sentences(plain(paragraph.replace(/^\s*(?:[-*]|\d+\.) /, ''))))
}

/** Cells of tables that hold a whole sentence, and those of printed ones never: lint sees their docstrings. */
export function cellSentencesOf(page: string): string[] {
  return tablesOf(blank(page, PRINTED))
    .flatMap(({ rows }) => rows.slice(1).flat())
    .flatMap((cell) => sentences(plain(cell)))
}

export function tablesOf(page: string): Table[] {
  const lines = blank(page, FENCE).split('\n')
  const tables: { line: number; rows: string[][] }[] = []
  lines.forEach((line, index) => {
    if (!line.startsWith('|')) return
    if (lines[index - 1]?.startsWith('|') !== true) tables.push({ line: index + 1, rows: [] })
    if (/^[|\s:-]+$/.test(line)) return
    const cells = line.replace(/^\||\|\s*$/g, '').split(/(?<!\\)\|/)
    tables.at(-1)?.rows.push(cells.map((cell) => cell.trim()))
  })
  return tables
}

/** Lines of code blocks, with their numbers from 1 and the language of the block. */
export function codeLinesOf(
  page: string,
): (readonly [line: number, text: string, language: string])[] {
  return [...page.matchAll(/^ *```([^\n]*)\n(.*?)^ *```$/gms)].flatMap(
    ({ index, 1: language = '', 2: code = '' }) => {
      const first = page.slice(0, index).split('\n').length + 1
      return code.split('\n').map((text, at) => [first + at, text, language.trim()] as const)
    },
  )
}

/** A cell as it is shown: without the targets of links and the marks of code. */
export function plainCell(cell: string): string {
  return cell.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')
}

export function plain(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/`[^`\n]+`/g, 'code')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** A full stop ends a sentence where a capital or code follows it; `e.g.` and `§4.1` do not. */
export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?]["')]?) (?=["'(]?(?:[A-Z]|code))/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\w/.test(sentence))
}
