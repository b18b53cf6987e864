import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { compiled } from '../../tools/typescript-process.js'

/** What came of one run of the command. */
export interface DoctorRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface DoctorSurroundings {
  /** On standard input. @default nothing */
  readonly token?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs the command as a process of its own, for 15 seconds at most; `code` is null where it did not end by itself. */
export async function doctor(
  args: readonly string[],
  { token = '', environment = {} }: DoctorSurroundings = {},
): Promise<DoctorRun> {
  const child = spawn(process.execPath, [compiled('lib/doctor/bin.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0', ...environment },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
  }
  child.stdin.on('error', () => undefined)
  child.stdin.end(token)
  const deadline = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(deadline)
  return { code, ...output }
}

/** The lines on one check: what was found, with cause and fix below it. */
export function linesOn(check: string, { stdout }: DoctorRun): readonly string[] {
  const lines = stdout.split('\n')
  const first = lines.findIndex((line) => line.split(/ +/)[1] === check)
  if (first < 0) return []
  const rest = lines.slice(first + 1)
  const end = rest.findIndex((line) => !line.startsWith('   '))
  return [lines[first] ?? '', ...rest.slice(0, end)].map((line) => line.trim())
}

/** A port that takes connections and never says a word. */
export async function silentPort(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}
