import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, transform, type BuildOptions } from 'esbuild'

/** Packages made of ES modules alone, which Jest cannot `require`: the CommonJS half holds them. */
const BUNDLED = ['jose']

/** The command of package.json's "bin": a process of its own, for which one half is enough. */
const COMMAND = { in: 'lib/doctor/bin.ts', out: 'doctor' }

/** An optional peer. Bundlers take it for optional only where it is loaded inside a `try`. */
const LOADED_LATE = /\bimport\("([@\w./-]+)"\)/g
const OPTIONAL = '(async()=>{try{return await import("$1")}catch(error){throw error}})()'

/** What esbuild makes of an `import()` for CommonJS, where Jest runs none. */
const REQUIRED_LATE =
  /Promise\.resolve\(\)\.then\(\(\) ?=> ?(__toESM\(require\("[@\w./-]+"\)(?:, ?1)?\))\)/g
const OPTIONAL_REQUIRED = '(async()=>{try{return $1}catch(error){throw error}})()'

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
  const options = {
    absWorkingDir: root,
    entryPoints: [...entries.map((entry) => ({ in: `lib/${entry}.ts`, out: entry })), COMMAND],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[hash]',
    // Without indentation and long forms, and with them a tenth of the package. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    legalComments: 'none',
  } satisfies BuildOptions
  const external = packagesOf(root).filter((name) => !BUNDLED.includes(name))
  await build({ ...options, outdir: dist, packages: 'external' })
  await build({ ...options, outdir: commonJs, external })
  // It was built for the halves to be cut alike: then the archive holds little more than one of them.
  rmSync(join(commonJs, `${COMMAND.out}.js`))
  await rewrite(commonJs, toCommonJs)
  await rewrite(dist, async (code) => code.replaceAll(LOADED_LATE, OPTIONAL))
  for (const name of BUNDLED) {
    const license = join(root, 'node_modules', name, 'LICENSE.md')
    copyFileSync(license, join(commonJs, `LICENSE.${name}.md`))
  }
}

function packagesOf(root: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly dependencies: object
    readonly peerDependencies: object
  }
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
}

async function rewrite(folder: string, change: (code: string) => Promise<string>): Promise<void> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const name of names.filter((path) => path.endsWith('.js'))) {
    const path = join(folder, name)
    writeFileSync(path, await change(readFileSync(path, 'utf8')))
  }
}

/** esbuild splits ES modules only, so they are split first and each file becomes CommonJS after. */
async function toCommonJs(code: string): Promise<string> {
  const { code: commonJs } = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    lineLimit: 120,
  })
  return commonJs.replaceAll(REQUIRED_LATE, OPTIONAL_REQUIRED)
}
