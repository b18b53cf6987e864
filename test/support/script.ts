import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { compiled } from '../../tools/typescript-process.js'

/** Runs a TypeScript file as a process of its own, for some seconds at most; null where it did not end by itself. */
export async function runScript(
  file: string,
  argument: string,
  environment: Readonly<Record<string, string>> = {},
  seconds = 15,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [compiled(file), argument], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const deadline = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(deadline)
  return { code, output: Buffer.concat(chunks).toString() }
}
