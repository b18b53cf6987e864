/** A section with its subsections: from the heading to the next one of its level or above. */
export function section(document: string, heading: string): string {
  const lines = document.split('\n')
  const start = lines.findIndex((line) => /^#{2,3} /.test(line) && line.endsWith(` ${heading}`))
  const level = lines[start]?.indexOf(' ') ?? 0
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line))
  return start === -1 ? '' : rest.slice(0, end === -1 ? rest.length : end).join('\n')
}

/** The rows of its tables: an option that only an example or a sentence names is not documented. */
export function tablesOf(document: string): string {
  return document
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n')
}

/** What stands in backticks or in a block of code: the same word in prose, or as a value, does not count. */
function codeOf(text: string): string {
  const code = text.match(/^```.*?^```|`[^`\n]+`/gms) ?? []
  return code.join('\n')
}

/** Those of the names that no code of the text contains. */
export function missing(names: readonly string[], text: string): string[] {
  const code = codeOf(text)
  return names.filter((name) => !new RegExp(`(?<![\\w.'])${name}(?![\\w'])`).test(code))
}

function withoutCode(document: string): string {
  return document.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]+`/g, '')
}

/** Targets of links and images, but for those on the web. */
export function relativeLinksOf(document: string): string[] {
  const links = withoutCode(document).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)
  return [...links].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors that GitHub gives to headings, and those that are written out. */
export function anchorsOf(document: string): ReadonlySet<string> {
  const headings = document.replaceAll(/^```.*?^```/gms, '').matchAll(/^#{1,6} (.+)$/gm)
  const anchors = new Set<string>()
  for (const [, heading = ''] of headings) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = text.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  for (const [, id = ''] of document.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id)
  return anchors
}
