import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, transform, type BuildOptions } from 'esbuild'

/** Where esbuild leaves an `import()` in CommonJS, which Jest cannot run there. */
const LOADED_LATE =
  /Promise\.resolve\(\)\.then\(\(\) ?=> ?(__toESM\(require\("[\w-]+"\)(?:, ?1)?\))\)/g

/** Bundlers take a `require` for optional only where it stands in a `try`. */
const OPTIONAL = 'Promise.resolve().then(()=>{try{return $1}catch(error){throw error}})'

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
    entryPoints: entries.map((entry) => `lib/${entry}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[hash]',
    // Without indentation, and with it a tenth of the package. Names stay, for stack traces.
    minifyWhitespace: true,
    lineLimit: 120,
  } satisfies BuildOptions
  await build({ ...options, outdir: dist, packages: 'external' })
  // jose is made of ES modules alone, which Jest cannot `require`.
  const external = ['helmet', 'ioredis', 'cors', 'express-rate-limit']
  await build({ ...options, outdir: commonJs, external, legalComments: 'none' })
  copyFileSync(join(root, 'node_modules/jose/LICENSE.md'), join(commonJs, 'LICENSE.jose.md'))
  const files = readdirSync(commonJs, { recursive: true, encoding: 'utf8' })
  await Promise.all(
    files.filter((name) => name.endsWith('.js')).map((name) => toCommonJs(join(commonJs, name))),
  )
}

/** esbuild splits ES modules only, so they are split first and each file becomes CommonJS after. */
async function toCommonJs(path: string): Promise<void> {
  const { code } = await transform(readFileSync(path, 'utf8'), {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    lineLimit: 120,
  })
  writeFileSync(path, code.replaceAll(LOADED_LATE, OPTIONAL))
}
