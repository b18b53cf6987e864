import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { toCommonJs } from './common-js.js'

/** Made of ES modules alone, which Jest cannot `require`: the CommonJS half holds it. */
const JOSE = 'jose'

/** What a file of the CommonJS half requires in place of `specifier`. */
export function locateJose(specifier: string, file: string): string {
  return isJose(specifier) ? `./${relative(dirname(file), `${specifier}.js`)}` : specifier
}

/** Puts those of `specifiers` that are of jose into the CommonJS half, with its licence. */
export async function bundleJose(
  root: string,
  commonJs: string,
  specifiers: readonly string[],
): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: specifiers.filter(isJose).map((name) => ({ in: name, out: name })),
    outdir: commonJs,
    chunkNames: `${JOSE}/[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
  })
  const folder = join(commonJs, JOSE)
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const name of names.filter((path) => path.endsWith('.js'))) {
    const path = join(folder, name)
    writeFileSync(
      path,
      toCommonJs(readFileSync(path, 'utf8'), (specifier) => specifier),
    )
  }
  copyFileSync(join(root, 'node_modules', JOSE, 'LICENSE.md'), join(folder, 'LICENSE.md'))
}

function isJose(specifier: string): boolean {
  return specifier.startsWith(`${JOSE}/`)
}
