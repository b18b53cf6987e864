import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pruneTypes } from './prune-types.js'

/** The exports of an entry file: `export { a, type B } from './c.js'`. */
const EXPORTS = /export (type )?\{([^}]*)\} from ["']([^"']+)\.js["']/g

/**
 * Declarations for `import`, and for `require` one file an entry that leads to them: TypeScript takes
 * the kind of a module from the package.json above it, so no file of code can be right for both.
 */
export function buildTypes(
  root: string,
  dist: string,
  commonJs: string,
  entries: readonly string[],
): void {
  const tsc = join(root, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  pruneTypes(dist, entries)
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) shorten(join(dist, name))
  }
  for (const entry of entries) {
    writeFileSync(join(commonJs, `${entry}.d.ts`), forRequire(entry, dist))
  }
}

/** The types of an entry, as a CommonJS module may name them: those of a module for `import`. */
function forRequire(entry: string, dist: string): string {
  const mode = `with { 'resolution-mode': 'import' }`
  const module = `import('../${entry}.js', { ${mode.replace('with', 'with:')} })`
  const types: string[] = []
  const values: string[] = []
  const declarations = readFileSync(join(dist, `${entry}.d.ts`), 'utf8')
  for (const [, allTypes, names = '', source = ''] of declarations.matchAll(EXPORTS)) {
    for (const name of names
      .split(',')
      .map((text) => text.trim())
      .filter(Boolean)) {
      if (allTypes !== undefined || name.startsWith('type ')) {
        types.push(name.replace('type ', ''))
        continue
      }
      const declared = readFileSync(join(dist, `${source}.d.ts`), 'utf8')
      values.push(
        `${docstringOf(name, declared)}export declare const ${name}: typeof ${module}.${name};`,
      )
      if (!declared.includes(`export declare class ${name} `)) continue
      values.push(`export type ${name} = InstanceType<typeof ${name}>;`)
    }
  }
  return `export type { ${types.join(', ')} } from '../${entry}.js' ${mode};\n${values.join('\n')}\n`
}

/** The first paragraph, which editors show of a name without a call; of a call they show the whole. */
function docstringOf(name: string, declared: string): string {
  const declaration = String.raw`/\*\*((?:(?!\*/)[^])*)\*/\nexport declare (?:const|function|class) ${name}\b`
  const [, docstring = ''] = new RegExp(declaration).exec(declared) ?? []
  const [paragraph = ''] = docstring.split(/\n \*(?:\n| @)/)
  return paragraph === '' ? '' : `/**${paragraph.trimEnd()} */\n`
}

/** Literal types of whole sentences serve nobody: those of the reasons are a tenth of all declarations. */
const SENTENCE = /readonly (meaning|cause|fix|message): (?:'[^'\n]*'|"[^"\n]*");/g

function shorten(path: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(SENTENCE, 'readonly $1: string;'))
}
