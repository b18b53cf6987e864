import { readFileSync } from 'node:fs'
import { ROOMS } from './rooms.js'

const BEGIN = '<!-- npm run house prints this table -->\n\n'
const END = '\n\n<!-- end of the table -->'

/** The table of rooms as CONTRIBUTING shows it. */
export function roomsTable(): string {
  const rows = Object.entries(ROOMS).map(([name, { holds, imports, packages = [] }]) => {
    const allowed = [...imports, ...packages.map((specifier) => `the package ${specifier}`)]
    return `| \`${name}\` | ${holds} | ${allowed.join(', ') || '`core` alone'} |`
  })
  return ['| room | holds | may import |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Whether the page holds the table as it is now, however prettier has spaced it. */
export function showsRooms(page: string): boolean {
  const text = readFileSync(page, 'utf8')
  const shown = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END))
  return bare(shown) === bare(roomsTable())
}

function bare(table: string): string {
  return table.replace(/ +/g, ' ').replace(/-+/g, '-')
}
