// Builds dist/, for `import`, and dist/cjs/, for `require`: code and types of each entry file of lib/.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildModules } from './modules.js'
import { buildTypes } from './types.js'

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const commonJs = join(dist, 'cjs')
const entries = readdirSync(join(root, 'lib'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))

rmSync(dist, { recursive: true, force: true })
mkdirSync(commonJs, { recursive: true })
writeFileSync(join(commonJs, 'package.json'), '{ "type": "commonjs" }\n')
buildTypes(root, dist, commonJs, entries)
await buildModules(root, dist, commonJs, entries)
