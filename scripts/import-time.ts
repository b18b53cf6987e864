// Prints how long each entry takes to import, and what it needs: the median of 20 fresh processes.
// Needs a build (`npm run build`), because that is what an app imports.
import { spawnSync } from 'node:child_process'
import { ROOT } from '../tools/run-jest.js'

const RUNS = 20
const MODULES = [
  'express-resource-server',
  'express-resource-server/issuers',
  'express-resource-server/redis',
  'express-resource-server/browser',
  'helmet',
  'jose',
]

function importOnce(name: string): number {
  const code = `const start = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - start)`
  const args = ['--input-type=module', '--eval', code]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name}: ${stderr}`)
  return Number(stdout)
}

for (const name of MODULES) {
  const times = Array.from({ length: RUNS }, () => importOnce(name)).toSorted((a, b) => a - b)
  console.log(`${times[RUNS / 2]!.toFixed(1).padStart(6)} ms  ${name}`)
}
