// Treats the README as a newcomer does: packs the package, installs it into an empty folder
// beside Express 5 and then Express 4.21, runs the first app by `import` and by `require`, gets a token
// by the commands given, and compiles every TypeScript block of README and docs/ that imports what it
// uses with the strictest settings.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestIssuer } from '../lib/testing.js'
import { freePort } from '../lib/testing/free-port.js'

const EXPRESS_VERSIONS = ['^5.0.0', '~4.21.0']
/** Of the recipes in docs/streams.md. */
const STREAMS = ['ws@^8', '@types/ws@^8', 'socket.io@^4', 'graphql@^16', 'graphql-ws@^6']
/** Of docs/reference/metrics.md, and of the types of tokenHandler. */
const PEERS = ['prom-client@^15', 'pino@^10', '@opentelemetry/api@^1', 'openid-client@^6']
/** Of docs/modules.md, docs/testing.md and docs/reference/define-claims.md. */
const HOSTS = ['@nestjs/common@^12', 'reflect-metadata@^0.2', 'rxjs@^7']
const TESTS = ['supertest@^7', '@types/supertest@^7', 'zod@^4']
const COMMANDS_DEADLINE_MS = 60_000

const root = new URL('..', import.meta.url).pathname
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'ers-readme-'))
const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

try {
  run('npm', ['pack', '--silent', '--pack-destination', folder], root)
  const tarball = run('sh', ['-c', 'ls *.tgz']).trim()
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const [app = ''] = blocks(readme, 'ts')
  const [requires = ''] = blocks(readme, 'js')
  writeFileSync(join(folder, 'app.mjs'), app)
  writeFileSync(join(folder, 'app.cjs'), requires + app.replaceAll(/^import .*?'$/gms, ''))

  for (const version of EXPRESS_VERSIONS) {
    install([`./${tarball}`, `express@${version}`])
    const installed = JSON.parse(
      readFileSync(join(folder, 'node_modules/express/package.json'), 'utf8'),
    ) as { version: string }
    for (const file of ['app.mjs', 'app.cjs']) {
      await tryFirstApp(file)
      console.log(`the first app of the README works on Express ${installed.version}, as ${file}`)
    }
  }
  await tryCommands()
  console.log('the commands of the README get a token and an answer of 200')
  const types = ['typescript@^7', '@types/express@^5', '@types/node@^20', 'ioredis@^6', ...STREAMS]
  const mcp = ['@modelcontextprotocol/server@^2', '@modelcontextprotocol/node@^2']
  install([`./${tarball}`, 'express@^5.0.0', ...types, ...mcp, ...PEERS, ...HOSTS, ...TESTS])
  compileBlocks()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function install(packages: readonly string[]): void {
  run('npm', ['install', '--silent', '--no-package-lock', ...packages])
}

function blocks(document: string, language: string): string[] {
  return [...document.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , code]) => code ?? '')
}

async function tryFirstApp(file: string): Promise<void> {
  const audience = 'https://api.example.com'
  const issuer = createTestIssuer({ audience })
  await issuer.listen()
  const port = await freePort()
  const env = { ...process.env, ISSUER: issuer.issuer, AUDIENCE: audience, PORT: String(port) }
  const app = spawn(process.execPath, [file], { cwd: folder, env, stdio: 'inherit' })
  const token = issuer.token({ scope: 'notes:read', sid: 'session-1' })
  const bearer = { authorization: `Bearer ${token}` }
  const notes = `http://127.0.0.1:${port}/api/notes`
  try {
    await expectStatus(app, notes, {}, 401)
    await expectStatus(app, notes, { headers: bearer }, 200)
    const other = { authorization: `Bearer ${issuer.token({ scope: 'x' })}` }
    await expectStatus(app, notes, { headers: other }, 403)
    const logout = `http://127.0.0.1:${port}/logout`
    await expectStatus(app, logout, { method: 'POST', headers: bearer }, 204)
    await expectStatus(app, notes, { headers: bearer }, 401)
  } finally {
    app.kill()
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

/** The shell blocks as they stand, but for ports that may be taken here. */
async function tryCommands(): Promise<void> {
  const [issuerPort, apiPort] = [await freePort(), await freePort()]
  const env = { ...process.env, PORT: String(apiPort) }
  const [start = '', ask = ''] = blocks(readme, 'sh')
    .filter((block) => block.includes('8080'))
    .map((block) =>
      block.replaceAll('8080', String(issuerPort)).replaceAll('3000', String(apiPort)),
    )
  // A group of its own, so that all that the block leaves running can be ended.
  const options = { cwd: folder, env, stdio: 'inherit', detached: true } as const
  const started = spawn('sh', ['-c', `${start}\nwait`], options)
  try {
    const deadline = Date.now() + COMMANDS_DEADLINE_MS
    for (;;) {
      const answer = run('sh', ['-c', `(${ask}) 2>/dev/null || true`])
      if (answer.startsWith('HTTP/1.1 200')) return
      if (Date.now() > deadline) throw new Error(`the commands of the README got: ${answer}`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  } finally {
    if (started.pid !== undefined) process.kill(-started.pid)
  }
}

function compileBlocks(): void {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
  const files = ['README.md', ...pages]
    .flatMap((page) => blocks(readFileSync(join(root, page), 'utf8'), 'ts'))
    .map((code, index) => {
      const name = `block-${index}.mts`
      writeFileSync(join(folder, name), code)
      return name
    })
  const settings = ['--module', 'nodenext', '--target', 'es2023', '--noEmit', '--types', 'node']
  // Nest's decorators.
  settings.push('--experimentalDecorators')
  run('npx', ['--no-install', 'tsc', '--ignoreConfig', '--strict', ...settings, ...files])
  console.log(`${files.length} TypeScript blocks of README and docs compile`)
}
