import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'

const START_SECONDS = 30

/** A server that runs beside us, and ends with us. */
export interface Program {
  readonly stop: () => Promise<void>
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Answers, with whatever status, once the server is up. */
  readonly readyAt: string
}

export async function startProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {}, readyAt }: ProgramOptions,
): Promise<Program> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-500)
  })
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const ended = once(child, 'exit')
  const deadline = Date.now() + START_SECONDS * 1000
  while (!(await answers(readyAt))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      end()
      throw new Error(`${command} did not start: ${complaint}`)
    }
    await setTimeout(50)
  }
  return {
    async stop() {
      process.removeListener('exit', end)
      end()
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual' }).then(
    async (response) => {
      await response.arrayBuffer()
      return true
    },
    () => false,
  )
}
