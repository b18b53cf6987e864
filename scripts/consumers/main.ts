// Installs the packed package into each project of test/consumers/, as its users do, and runs what the
// project checks: `npm run test:consumers`, or `npm run test:consumers -- jest nest`.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Of a project: what npm reads, and the versions of a dependency that are tried one after another. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly variants?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly scripts: Readonly<Record<string, string>>
}

interface Outcome {
  readonly project: string
  readonly check: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

const CHECK = 'check: '
/** A check that hangs has failed. */
const DEADLINE_SECONDS = 180
/** Exact versions only, so that the same ones are tried every day. */
const EXACT = /^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/

const root = join(import.meta.dirname, '../..')
const source = join(root, 'test/consumers')
const folder = mkdtempSync(join(tmpdir(), 'consumers-'))
const wanted = process.argv.slice(2)

try {
  const packing = await run('npm pack --silent --pack-destination "$TO"', root, { TO: folder })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack: ${packing.output}`)
  const jobs = readdirSync(source)
    .filter((name) => wanted.length === 0 || wanted.includes(name))
    .flatMap((name) => projectsOf(name, join(folder, tarball)))
  const outcomes: Outcome[] = []
  const next = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      outcomes.push(...(await job()))
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, next))
  report(outcomes)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function projectsOf(name: string, tarball: string): (() => Promise<Outcome[]>)[] {
  const manifest = JSON.parse(readFileSync(join(source, name, 'package.json'), 'utf8')) as Manifest
  const { variants = { '': {} } } = manifest
  return Object.entries(variants).map(([variant, versions]) => () => {
    const project = `${name} ${variant}`.trim()
    const dependencies = { ...manifest.dependencies, ...versions }
    for (const [dependency, version] of Object.entries(dependencies)) {
      if (!EXACT.test(version)) throw new Error(`${project}: pin ${dependency}, not ${version}`)
    }
    dependencies['express-resource-server'] = `file:${tarball}`
    return check(project, { ...manifest, dependencies })
  })
}

async function check(project: string, manifest: Manifest): Promise<Outcome[]> {
  const name = project.split(' ')[0] ?? ''
  const at = join(folder, project.replaceAll(' ', '-'))
  cpSync(join(source, name), at, { recursive: true })
  writeFileSync(join(at, 'package.json'), JSON.stringify(manifest))
  const install = 'npm install --silent --prefer-offline --no-audit --no-fund --no-package-lock'
  const outcomes = [{ project, check: 'install', ...(await run(install, at)) }]
  if (!outcomes[0]?.passed) return outcomes
  for (const [script, command] of Object.entries(manifest.scripts)) {
    if (!script.startsWith(CHECK)) continue
    outcomes.push({ project, check: script.slice(CHECK.length), ...(await run(command, at)) })
  }
  return outcomes
}

async function run(
  command: string,
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Pick<Outcome, 'passed' | 'seconds' | 'output'>> {
  const from = performance.now()
  const PATH = [join(cwd, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  const child = spawn('timeout', [String(DEADLINE_SECONDS), 'sh', '-c', command], {
    cwd,
    env: { ...process.env, ...more, PATH },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { passed: code === 0, seconds: (performance.now() - from) / 1000, output }
}

function report(outcomes: readonly Outcome[]): void {
  for (const { project, check: name, passed, output } of outcomes) {
    if (!passed) console.error(`\n${project}: ${name}\n${output}`)
  }
  console.log('| project | check | | seconds |\n| --- | --- | --- | --- |')
  const sorted = outcomes.toSorted((a, b) => a.project.localeCompare(b.project))
  for (const { project, check: name, passed, seconds } of sorted) {
    console.log(`| ${project} | ${name} | ${passed ? 'ok' : 'FAILED'} | ${seconds.toFixed(1)} |`)
  }
  if (outcomes.length === 0 || outcomes.some(({ passed }) => !passed)) process.exitCode = 1
}
