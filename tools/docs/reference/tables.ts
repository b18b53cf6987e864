import type { Declarations, Member } from './declarations.js'
import { parameterText } from './parameters.js'
import { shortType } from './types.js'

/** The longest meaning that a row has room for; the rest stands in a paragraph of its own. */
export const LONGEST_MEANING = 240

/** `<!-- options: A, B -->`, or `members`, then the table, then `<!-- end -->`. */
const MARKED = /^<!-- (options|members): ([\w, ]+) -->\n.*?^<!-- end -->$/gms

/** The page with each marked table as the docstrings have it now. */
export function withTables(page: string, declarations: Declarations): string {
  return page.replaceAll(MARKED, (_marked, kind: string, names: string) => {
    const members = names.split(', ').flatMap((name) => {
      const found = declarations.interfaces.get(name)
      if (found === undefined) throw new Error(`no exported interface ${name} in lib/`)
      if (declarations.ambiguous.has(name))
        throw new Error(`two interfaces in lib/ are named ${name}`)
      return found.map((member) => checked(name, member))
    })
    const table = kind === 'options' ? optionTable : memberTable
    return [
      `<!-- ${kind}: ${names} -->`,
      table(members, declarations).map(row).join('\n'),
      '<!-- end -->',
    ].join('\n\n')
  })
}

function checked(name: string, member: Member): Member {
  const { length } = member.meaning
  if (length > 0 && length <= LONGEST_MEANING) return member
  throw new Error(
    `${name}.${member.name}: the first paragraph of its docstring has ${length} characters, and 1 to ${LONGEST_MEANING} fit into a row`,
  )
}

function optionTable(members: readonly Member[], { aliases }: Declarations): string[][] {
  const rows = members.map(({ name, type, optional, byDefault, meaning }) => [
    `\`${name}\``,
    type ? shortType(type, aliases) : 'function',
    quoted(byDefault ?? (optional ? 'none' : 'must be given')),
    meaning,
  ])
  return [['option', 'type', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
}

function memberTable(members: readonly Member[], declarations: Declarations): string[][] {
  const nameOf = ({ name, type, parameters }: Member): string =>
    type
      ? `\`${name}\``
      : `\`${name}(${parameters.map((each) => parameterText(each, declarations)).join(', ')})\``
  if (members.every(({ type }) => type === undefined)) {
    const rows = members.map((member) => [nameOf(member), member.meaning])
    return [['method', 'meaning'], ['---', '---'], ...rows]
  }
  const rows = members.map((member) => [
    nameOf(member),
    member.type
      ? shortType(member.type, declarations.aliases) + (member.optional ? ', if any' : '')
      : 'method',
    member.meaning,
  ])
  return [['member', 'type', 'meaning'], ['---', '---', '---'], ...rows]
}

/** Words in quotes become code, and so do `true` and `false`, but for those that are code already. */
function quoted(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`') ? part : part.replaceAll(/'[^' ]+'|\b(?:true|false)\b/g, '`$&`'),
    )
    .join('')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}
