import { afterEach, describe, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../lib/testing/free-port.js'
import { startRedis, type RedisServer } from '../tools/redis-server.js'
import { compiled } from '../tools/typescript-process.js'
import { until } from '../tools/until.js'

/** A line of the shell session in an example's header comment. */
interface Command {
  readonly line: string
  /** The answer told behind the `#`. */
  readonly status: number
  readonly scope: string | undefined
}

const FOLDER = 'examples'
const EXAMPLES = readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ts$/.test(name))

const running: { child?: ChildProcess; redis?: RedisServer; output: string } = { output: '' }

afterEach(async () => {
  if (running.child !== undefined && running.child.exitCode === null) {
    const ended = once(running.child, 'exit')
    running.child.kill()
    await ended
  }
  await running.redis?.stop()
  delete running.child
  delete running.redis
})

describe('examples', () => {
  it.each(EXAMPLES)('%s answers as its header says', async (name) => {
    const source = readFileSync(join(FOLDER, name), 'utf8')
    const commands = sessionOf(source)
    expect(commands.filter(({ status }) => status > 0).length).toBeGreaterThan(0)
    if (source.includes('//   redis-server')) running.redis = await startRedis()
    const port = await freePort()
    const variables = await start(name, port, variablesIn(commands))

    for (const command of commands) {
      if (command.line.startsWith('kill -STOP')) running.redis?.pause()
      else if (command.line.startsWith('kill -CONT')) running.redis?.resume()
      else if (command.line.startsWith('kill -TERM')) await expectEnd()
      else await expectTold(command, port, variables)
    }
  })

  it('are numbered without gaps', () => {
    const numbers = EXAMPLES.map((name) => Number(name.slice(0, 2)))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_number, index) => index + 1))
  })

  it('are short', () => {
    const lengths = EXAMPLES.map(
      (name) => readFileSync(join(FOLDER, name), 'utf8').split('\n').length,
    )
    expect(Math.max(...lengths)).toBeLessThan(60)
  })
})

function sessionOf(source: string): readonly Command[] {
  return source
    .split('\n')
    .flatMap((line) => /^\/\/ {3}((?:curl|kill) .*)$/.exec(line)?.[1] ?? [])
    .map((line) => {
      const [, status = '0', scope] = /# (\d{3})(?:, scope="([^"]+)")?/.exec(line) ?? []
      return { line, status: Number(status), scope }
    })
}

function variablesIn(commands: readonly Command[]): ReadonlySet<string> {
  return new Set(
    commands.flatMap(({ line }) => [...line.matchAll(/\$([A-Z]+)/g)].map(([, name = '']) => name)),
  )
}

/** Resolves with the printed variables once all of them are there. */
async function start(
  name: string,
  port: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const child = spawn(process.execPath, [compiled(join(FOLDER, name))], {
    env: { ...process.env, PORT: String(port), REDIS_URL: running.redis?.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.child = child
  running.output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (running.output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (running.output += text))
  return until(() => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${running.output}`)
    const lines = running.output.matchAll(/^([A-Z]+)=(\S+)\n/gm)
    const printed = new Map([...lines].map(([, key = '', value = '']) => [key, value]))
    expect([...printed.keys()]).toEqual(expect.arrayContaining([...wanted]))
    return printed
  })
}

/** Told to end, it ends, by itself and with code 0. */
async function expectEnd(): Promise<void> {
  const { child } = running
  const ended = once(child!, 'exit')
  child!.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
}

/** Until an example is up, or Redis back, 503 may be answered in place of what is told; nothing else may. */
async function expectTold(
  command: Command,
  port: number,
  variables: ReadonlyMap<string, string>,
): Promise<void> {
  const line = command.line.replace(/\$([A-Z]+)/g, (_all, key: string) => variables.get(key) ?? '')
  const [, path = '/'] = /127\.0\.0\.1:3000(\S+)/.exec(line) ?? []
  const headers = new Headers()
  for (const [, name = '', value = ''] of line.matchAll(/-H "([^:]+): ([^"]+)"/g)) {
    headers.append(name, value)
  }
  const form = / -d "([^"]+)"/.exec(line)?.[1]
  const json = / -d '([^']+)'/.exec(line)?.[1]
  const body = form === undefined ? json : new URLSearchParams(form)
  const method = /-X ([A-Z]+)/.exec(line)?.[1] ?? (body === undefined ? 'GET' : 'POST')
  const response = await until(async () => {
    const url = `http://127.0.0.1:${port}${path}`
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
    // A health check reports what was noticed last.
    const passing = answer.status === 503 || path === '/health'
    if (passing && answer.status !== command.status) throw new Error(`Still ${answer.status}`)
    return answer
  })
  const { output } = running
  const { line: asked, status: told } = command
  // The output is in the message of a failure.
  expect({ asked, status: response.status, output }).toEqual({ asked, status: told, output })
  const challenge = response.headers.get('www-authenticate') ?? ''
  expect(challenge).toContain(command.scope === undefined ? '' : `scope="${command.scope}"`)
}
