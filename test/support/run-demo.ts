import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { compiled } from '../../tools/typescript-process.js'

export interface Demo {
  readonly pid: number | undefined
  /** All that it has printed. */
  readonly output: string
  interrupt(): void
  /** The exit code. */
  readonly ended: Promise<number | null>
}

/** As `npm run demo` does. */
export function runDemo(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Demo {
  const child = spawn(process.execPath, [compiled('examples/demo/main.ts'), ...args], {
    env: { ...process.env, REDIS_URL: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  return {
    pid: child.pid,
    get output() {
      return output
    },
    interrupt: () => void child.kill('SIGINT'),
    ended: once(child, 'close').then(([code]) => code as number | null),
  }
}
