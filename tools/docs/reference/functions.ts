import type { Declarations, Described } from './declarations.js'

/** `<!-- export: requireScope, requireAnyScope -->`, then how each is declared and described, then `<!-- end -->`. */
const MARKED = /^<!-- export: ([\w, ]+) -->\n.*?^<!-- end -->$/gms

/** The page with each marked function as its docstring has it now. */
export function withFunctions(
  page: string,
  { functions }: Pick<Declarations, 'functions'>,
): string {
  return page.replaceAll(MARKED, (_marked, names: string) => {
    const listed = names.split(', ')
    const told = listed.map((name) => {
      const found = functions.get(name)
      if (found === undefined) throw new Error(`no exported function ${name} in lib/`)
      if (found.prose === '') throw new Error(`${name}: it has no docstring`)
      return listed.length > 1 ? `### ${name}\n\n${describe(found)}` : describe(found)
    })
    return [`<!-- export: ${names} -->`, ...told, '<!-- end -->'].join('\n\n')
  })
}

function describe({ signatures, prose, params, returns, throws, see }: Described): string {
  const named = params.map((text) => `- ${text.replace(/^\w+/, '`$&`:')}`)
  return [
    signatures.map((signature) => `\`${signature}\``).join('\\\n'),
    prose.split('\n\n').map(joined).join('\n\n'),
    named.join('\n'),
    ...returns.map((text) => `Returns ${text}`),
    ...throws.map((text) => `Throws ${text.replace(/^[A-Z]\w*Error\b/, '`$&`')}`),
    ...see.map((text) => `See ${text}${text.startsWith('https:') ? '' : '.'}`),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

/** A page breaks no lines of a paragraph; a table and a list keep theirs. */
function joined(paragraph: string): string {
  return /^[|-]/.test(paragraph) ? paragraph : paragraph.replaceAll('\n', ' ')
}
