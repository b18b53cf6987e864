import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findRedisBinary } from '../../tools/redis-server.js'
import { table, type Result } from './report.js'

const PAGE = new URL('../../docs/revocation.md', import.meta.url)
const START = /<!-- faults of .* -->/
const END = '<!-- end of faults -->'

/** Writes a run down, and shows that of ioredis in the docs. */
export function save(results: readonly Result[], client: string): void {
  const date = new Date().toISOString().slice(0, 10)
  const name = client === 'ioredis' ? date : `${date}-${client}`
  const file = new URL(`results/${name}.json`, import.meta.url)
  const redis = String(spawnSync(findRedisBinary()!, ['--version']).stdout).trim()
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`
  const faults = results.map(({ scenario, ...rest }) => ({ name: scenario.name, ...rest }))
  const run = { date, client, node: process.version, redis, machine, faults }
  mkdirSync(new URL('results', import.meta.url), { recursive: true })
  writeFileSync(file, JSON.stringify(run, undefined, 2))
  format(file)
  if (client !== 'ioredis') return
  const page = readFileSync(PAGE, 'utf8')
  const [start] = START.exec(page) ?? []
  if (start === undefined) throw new Error(`docs/revocation.md has no line like ${String(START)}`)
  const before = page.slice(0, page.indexOf(start))
  const after = page.slice(page.indexOf(END))
  const marker = `<!-- faults of scripts/faults/results/${date}.json -->`
  const setting = `Measured on ${date}, Node ${process.version}, ${machine}.`
  writeFileSync(PAGE, `${before}${marker}\n\n${setting}\n\n${table(results)}\n\n${after}`)
  format(PAGE)
}

function format(file: URL): void {
  spawnSync('npx', ['prettier', '--write', fileURLToPath(file)])
}
