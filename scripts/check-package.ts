// Looks at what `npm publish` would send: every entry in both halves, all that these import, nothing
// besides, nothing that npm corrects, and no more than MAX_PACKED_BYTES. Prints the size, and how long
// each half of the main entry takes to load.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const MAX_PACKED_BYTES = 400_000
const EXPECTED =
  /^(?:package\.json|(?:README|SECURITY|docs\/reasons)\.md|LICENSE|dist\/cjs\/(?:package\.json|jose\/LICENSE\.md)|dist\/.*\.(?:js|d\.ts))$/

/** Of what an app installs with us, optional peers included. */
const LICENCES = /^(?:MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)$/

const root = join(import.meta.dirname, '..')
const faults: string[] = []

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  }),
) as [{ readonly size: number; readonly files: readonly { readonly path: string }[] }]
const files = new Set(packed.files.map(({ path }) => path))
const publishing = spawnSync('npm', ['publish', '--dry-run', '--ignore-scripts'], {
  cwd: root,
  encoding: 'utf8',
})
if (publishing.status !== 0 || publishing.stderr.includes('corrected'))
  faults.push(`npm publish would complain: ${publishing.stderr}`)
if (packed.size > MAX_PACKED_BYTES) faults.push(`${packed.size} bytes packed is too much`)
for (const path of files) {
  if (!EXPECTED.test(path)) faults.push(`${path} has no business in the package`)
  else if (path.endsWith('.js') && readFileSync(join(root, path), 'utf8').includes('sourceMapping'))
    faults.push(`${path} names a source map, and none is shipped`)
}
// Messages on stderr say where to read on: docs/reasons.md, with the name of the reason.
const REQUIRED = [
  'LICENSE',
  'README.md',
  'docs/reasons.md',
  'dist/cjs/package.json',
  'dist/cjs/jose/LICENSE.md',
]
for (const path of REQUIRED) {
  if (!files.has(path)) faults.push(`${path} is missing`)
}

const manifest = readManifest('package.json') as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
  readonly typesVersions: { readonly '*': Readonly<Record<string, unknown>> }
}
const { dependencies, peerDependencies, exports, typesVersions } = manifest
for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
  const { license } = readManifest(`node_modules/${name}/package.json`) as {
    readonly license?: string
  }
  if (!LICENCES.test(license ?? '')) faults.push(`${name} has the licence ${license}`)
}
for (const name of readdirSync(join(root, 'lib')).filter((file) => file.endsWith('.ts'))) {
  const entry = name.slice(0, -'.ts'.length)
  const half = (folder: string): Readonly<Record<string, string>> => ({
    types: `./dist/${folder}${entry}.d.ts`,
    default: `./dist/${folder}${entry}.js`,
  })
  const subpath = entry === 'index' ? '.' : `./${entry}`
  expectSame(`exports["${subpath}"]`, exports[subpath], {
    // Node by either word, so that a process loads one copy; Jest and bundlers by their own.
    'module-sync': half(''),
    import: half(''),
    require: half('cjs/'),
  })
  if (entry !== 'index') {
    const declared = typesVersions['*'][entry]
    expectSame(`typesVersions["*"].${entry}`, declared, [`./dist/cjs/${entry}.d.ts`])
  }
  for (const path of [...Object.values(half('')), ...Object.values(half('cjs/'))]) {
    if (!files.has(path.slice(2))) faults.push(`${path} is missing`)
  }
}

for (const path of files) {
  if (!/^dist\/cjs\/.*\.d\.ts$/.test(path)) continue
  const bare = /(?<!\*\/\n)export declare const (\w+)/.exec(readFileSync(join(root, path), 'utf8'))
  if (bare !== null) faults.push(`${path}: ${bare[1]} has no docstring`)
}
// A pack in the middle of a build has entries and lacks chunks.
const imported = new Set<string>()
for (const path of files) {
  for (const [, name = ''] of /\.(?:js|d\.ts)$/.test(path) ? readImports(path) : []) {
    const target = join(dirname(path), name)
    imported.add(target)
    const wanted = path.endsWith('.js') ? target : target.replace(/\.js$/, '.d.ts')
    if (!files.has(wanted)) faults.push(`${wanted} is missing, and ${path} imports it`)
  }
}
for (const path of files) {
  if (path.includes('/chunks/') && !imported.has(path))
    faults.push(`${path} is imported by nothing`)
}

function readImports(path: string): Iterable<RegExpMatchArray> {
  const code = readFileSync(join(root, path), 'utf8')
  return code.matchAll(/(?:from|import|require)\s*\(?["'](\.[^"']+)["']/g)
}

function readManifest(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function expectSame(name: string, actual: unknown, expected: unknown): void {
  const wanted = JSON.stringify(expected)
  if (JSON.stringify(actual) !== wanted) faults.push(`package.json: ${name} must be ${wanted}`)
}

function loadMs(load: string): number {
  const script = `const from = performance.now(); ${load}; console.log(performance.now() - from)`
  const once = (): number =>
    Number(execFileSync('node', ['--input-type=module', '-e', script], { cwd: root }))
  return Math.min(...Array.from({ length: 5 }, once))
}

const byImport = loadMs(`await import('./dist/index.js')`)
const byRequire = loadMs(
  `(await import('node:module')).createRequire(process.cwd() + '/x.js')('./dist/cjs/index.js')`,
)
console.log(
  `${(packed.size / 1000).toFixed(0)} kB packed, ${files.size} files; the main entry loads in ` +
    `${byImport.toFixed(0)} ms by import, ${byRequire.toFixed(0)} ms by require`,
)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
