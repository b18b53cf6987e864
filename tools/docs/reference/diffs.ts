import { readFileSync } from 'node:fs'

/** `<!-- diff: a.mjs b.mjs -->`, then the lines that differ in a block of code, then `<!-- end -->`. */
const MARKED = /^<!-- diff: ([\w./-]+) ([\w./-]+) -->\n.*?^<!-- end -->$/gms
/** Lines that stay the same, shown around those that do not. */
const CONTEXT = 1

export interface Line {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** The page with each marked pair of files as the steps from one to the other; both are run by a test. */
export function withDiffs(page: string): string {
  return page.replaceAll(MARKED, (_marked, from: string, to: string) => {
    const lines = differences(linesOf(from), linesOf(to))
    const shown = near(lines).map(({ mark, text }) => (text === '' ? mark.trim() : mark + text))
    return [
      `<!-- diff: ${from} ${to} -->`,
      `\`\`\`diff\n${shown.join('\n')}\n\`\`\``,
      '<!-- end -->',
    ].join('\n\n')
  })
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

/** By the longest common sequence of lines: files of examples are short. */
export function differences(from: readonly string[], to: readonly string[]): Line[] {
  const common = from.map(() => to.map(() => 0))
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0
  for (let row = from.length - 1; row >= 0; row -= 1) {
    for (let column = to.length - 1; column >= 0; column -= 1) {
      common[row]![column] =
        from[row] === to[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < from.length || column < to.length) {
    const [left, right] = [from[row], to[column]]
    if (left !== undefined && left === right) {
      lines.push({ mark: ' ', text: left })
      row += 1
      column += 1
    } else if (left !== undefined && at(row + 1, column) >= at(row, column + 1)) {
      lines.push({ mark: '-', text: left })
      row += 1
    } else {
      lines.push({ mark: '+', text: right ?? '' })
      column += 1
    }
  }
  return lines
}

/** The changed lines and their neighbours, with a line of dots between those that are apart. */
export function near(lines: readonly Line[]): Line[] {
  const changed = (index: number): boolean => (lines[index]?.mark ?? ' ') !== ' '
  const shown: Line[] = []
  let last = -1
  lines.forEach((line, index) => {
    const isNear = [-CONTEXT, 0, CONTEXT].some((step) => changed(index + step))
    if (!isNear || (line.text === '' && !changed(index))) return
    const isApart = shown.length > 0 && lines.slice(last + 1, index).some(({ text }) => text !== '')
    if (isApart) shown.push({ mark: ' ', text: '…' })
    shown.push(line)
    last = index
  })
  return shown
}
