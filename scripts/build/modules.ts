import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { compileFunction } from 'node:vm'
import { transform } from 'esbuild'
import { rollup, type OutputChunk, type Plugin, type RollupLog } from 'rollup'
import { cutChunks } from './chunks.js'
import { toCommonJs } from './common-js.js'
import { bundleJose, locateJose } from './jose.js'
import { onOwnLines } from './throws.js'

/** The command of package.json's "bin": a process of its own, for which one half is enough. */
const COMMAND = 'doctor'

/**
 * Whose chunks are cut first: the client's, because browsers load nothing but them, and those of the
 * entry that each app imports.
 */
const FIRST = ['client', 'index']

/** An optional peer. Bundlers take it for optional only where it is loaded inside a `try`. */
const LATE_IMPORT = /\bimport\("[^"]+"\)/g
const OPTIONAL = '(async()=>{try{return await $&}catch(error){throw error}})()'

/** Files of lib/, with whatever is a package left outside. */
const TYPESCRIPT: Plugin = {
  name: 'typescript',
  resolveId(specifier, importer) {
    if (importer === undefined) return specifier
    if (!specifier.startsWith('.')) return false
    return resolve(dirname(importer), specifier.replace(/\.js$/, '.ts'))
  },
  async transform(code) {
    // Without indentation and long forms, and with them a tenth of the package. Names stay, for stack traces.
    const options = { target: 'node20.19', minifyWhitespace: true, minifySyntax: true } as const
    return (await transform(code, { ...options, loader: 'ts', legalComments: 'none' })).code
  },
  async renderChunk(code) {
    return onOwnLines((await transform(code, { minifyWhitespace: true, lineLimit: 120 })).code)
  },
}

/**
 * The two halves share no file. What both must agree on, should a process load both, is keyed by
 * `Symbol.for`: the state of a request, and the classes of errors.
 */
export async function buildModules(
  root: string,
  dist: string,
  commonJs: string,
  entries: readonly string[],
): Promise<void> {
  const names = [...new Set([...FIRST, ...entries])]
  const input = {
    ...Object.fromEntries(names.map((name) => [name, join(root, 'lib', `${name}.ts`)])),
    [COMMAND]: join(root, 'lib/doctor/bin.ts'),
  }
  const bundle = await rollup({ input, plugins: [TYPESCRIPT], onwarn: complain })
  const { output } = await bundle.generate({
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks: cutChunks(input),
  })
  const chunks = output.filter((file) => file.type === 'chunk')
  const forCommand = ownFiles(`${COMMAND}.js`, chunks)
  for (const { fileName, code } of chunks) {
    const optional = code.replaceAll(LATE_IMPORT, OPTIONAL)
    write(join(dist, fileName), optional)
    if (forCommand.has(fileName)) continue
    const required = toCommonJs(optional, (specifier) => locateJose(specifier, fileName))
    // Throws where an import or an export is left.
    compileFunction(required, ['require', 'exports'], { filename: fileName })
    write(join(commonJs, fileName), required)
  }
  const late = chunks.flatMap(({ dynamicImports }) => dynamicImports)
  await bundleJose(root, commonJs, late)
}

/** An entry and the chunks that it alone reaches. */
function ownFiles(entry: string, chunks: readonly OutputChunk[]): ReadonlySet<string> {
  const others = new Set<string>()
  function reach(fileName: string): void {
    const chunk = chunks.find((one) => one.fileName === fileName)
    if (chunk === undefined || others.has(fileName)) return
    others.add(fileName)
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) reach(next)
  }
  for (const { isEntry, fileName } of chunks) if (isEntry && fileName !== entry) reach(fileName)
  return new Set(chunks.map(({ fileName }) => fileName).filter((name) => !others.has(name)))
}

function complain({ code, message }: RollupLog): void {
  // An entry of types alone.
  if (code !== 'EMPTY_BUNDLE') throw new Error(message)
}

function write(path: string, code: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, code)
}
