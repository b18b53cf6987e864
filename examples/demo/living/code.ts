import { readFileSync } from 'node:fs'

/** Lines that only measure are left out of the code on the page. */
const MEASURING: readonly [RegExp, string][] = [
  [/^\s*\.\.\.WATCHED,\n/gm, ''],
  [/timed\('\w+', '[^']*', (.*)\)\)$/gm, '$1)'],
  [/timedBearer\((\w+)\)/g, '$1'],
  [/\.\.\.watchedCookie\((\w+)\)/g, '...$1'],
  [/scope\('/g, "requireScope('"],
]

/** The lines between `#region NAME` and `#endregion` of the file that runs: they cannot lie. */
export function codeOf(file: string, ...names: readonly string[]): string {
  const source = readFileSync(new URL(file, import.meta.url), 'utf8')
  const code = names.map((name) => regionOf(source, name, file)).join('\n')
  return MEASURING.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), code)
}

function regionOf(source: string, name: string, file: string): string {
  const region = new RegExp(`// #region ${name}\\n([^]*?)\\n *// #endregion`).exec(source)?.[1]
  if (region === undefined) throw new Error(`${file} has no region ${name}`)
  const indent = /^ */.exec(region)?.[0] ?? ''
  return region.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
}
