// Does with the README what a newcomer does: packs the package, installs it into an empty folder
// beside Express 5 and then Express 4.21, runs the first app against an issuer, and compiles every
// TypeScript block with the strictest settings.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startIssuer } from '../test/support/issuer.js'
import { freePort } from './redis-server.js'

const EXPRESS_VERSIONS = ['^5.0.0', '~4.21.0']

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'ers-readme-'))
const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

try {
  const root = new URL('..', import.meta.url).pathname
  run('npm', ['pack', '--silent', '--pack-destination', folder], root)
  const tarball = run('sh', ['-c', 'ls *.tgz']).trim()
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  writeFileSync(join(folder, 'app.js'), blocks('js')[0] ?? '')

  for (const version of EXPRESS_VERSIONS) {
    install([`./${tarball}`, `express@${version}`])
    const installed = JSON.parse(
      readFileSync(join(folder, 'node_modules/express/package.json'), 'utf8'),
    ) as { version: string }
    await tryFirstApp()
    console.log(`the first app of the README works on Express ${installed.version}`)
  }
  const types = ['typescript@^7', '@types/express@^5', '@types/node@^20', 'ioredis@^6']
  install([`./${tarball}`, 'express@^5.0.0', ...types])
  compileBlocks()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function install(packages: readonly string[]): void {
  run('npm', ['install', '--silent', '--no-package-lock', ...packages])
}

function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , code]) => code ?? '')
}

async function tryFirstApp(): Promise<void> {
  const audience = 'https://api.example.com'
  const issuer = await startIssuer({ audience })
  const port = await freePort()
  const env = { ...process.env, ISSUER: issuer.url, AUDIENCE: audience, PORT: String(port) }
  const app = spawn(process.execPath, ['app.js'], { cwd: folder, env, stdio: 'inherit' })
  const token = await issuer.token({ scope: 'notes:read', sid: 'session-1' })
  const bearer = { authorization: `Bearer ${token}` }
  const notes = `http://127.0.0.1:${port}/api/notes`
  try {
    await expectStatus(app, notes, {}, 401)
    await expectStatus(app, notes, { headers: bearer }, 200)
    const other = { authorization: `Bearer ${await issuer.token({ scope: 'x' })}` }
    await expectStatus(app, notes, { headers: other }, 403)
    const logout = `http://127.0.0.1:${port}/logout`
    await expectStatus(app, logout, { method: 'POST', headers: bearer }, 204)
    await expectStatus(app, notes, { headers: bearer }, 401)
  } finally {
    app.kill()
    await issuer.close()
  }
}

async function expectStatus(
  app: ChildProcess,
  url: string,
  init: RequestInit,
  status: number,
): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    if (app.exitCode !== null) throw new Error(`the first app ended with ${app.exitCode}`)
    try {
      const response = await fetch(url, init)
      if (response.status === status) return
      throw new Error(`${init.method ?? 'GET'} ${url} answered ${response.status}, not ${status}`)
    } catch (error) {
      const starting = error instanceof TypeError && Date.now() < deadline
      if (!starting) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function compileBlocks(): void {
  const files = blocks('ts').map((code, index) => {
    const name = `block-${index}.ts`
    writeFileSync(join(folder, name), code)
    return name
  })
  const settings = ['--module', 'nodenext', '--target', 'es2023', '--noEmit', '--types', 'node']
  run('npx', ['--no-install', 'tsc', '--ignoreConfig', '--strict', ...settings, ...files])
  console.log(`${files.length} TypeScript blocks of the README compile`)
}
