import { styleText } from 'node:util'

export interface PrintedStep {
  readonly request: string
  readonly what: string
  readonly status: number
  readonly headers: readonly string[]
  readonly why: string
  readonly faults: readonly string[]
}

export interface Printer {
  line(text?: string): void
  chapter(title: string): void
  step(step: PrintedStep): void
  leftOut(what: string, because: string): void
  note(text: string): void
}

type Style = Parameters<typeof styleText>[0]

const INDENT = ' '.repeat(9)
const ROW_CHARS = 88

/** Prints a tour, in colour where somebody is looking. */
export function createPrinter(out: NodeJS.WriteStream): Printer {
  const coloured = out.isTTY && process.env['NO_COLOR'] === undefined
  const paint = (style: Style, text: string): string => (coloured ? styleText(style, text) : text)
  const line = (text = ''): void => void out.write(`${text}\n`)

  return {
    line,
    chapter(title) {
      line(`\n${paint('bold', title)}`)
    },
    step({ request, what, status, headers, why, faults }) {
      const mark = faults.length === 0 ? paint('green', '✓') : paint('red', '✗')
      const answered = paint(styleOf(status), String(status))
      line(`  ${mark} ${answered}  ${`${request} `.padEnd(14)}${what}`)
      for (const header of headers) line(INDENT + header)
      for (const row of wrap(why)) line(INDENT + paint('dim', row))
      for (const fault of faults) line(INDENT + paint('red', fault))
    },
    note(text) {
      for (const row of wrap(text)) line(INDENT + paint('yellow', row))
    },
    leftOut(what, because) {
      line(paint('dim', `  -      ${what}: left out, ${because}`))
    },
  }
}

/** Rows of whole words. */
function wrap(text: string): readonly string[] {
  const rows: string[] = []
  for (const word of text.split(' ')) {
    const row = rows.at(-1)
    if (row !== undefined && row.length + word.length < ROW_CHARS) {
      rows[rows.length - 1] = `${row} ${word}`
    } else if (word !== '') {
      rows.push(word)
    }
  }
  return rows
}

function styleOf(status: number): Style {
  if (status < 300) return 'green'
  return status < 500 ? 'yellow' : 'magenta'
}
