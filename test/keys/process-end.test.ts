import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'

/** Runs the outage script to its end, and fails where it does not end by itself. */
async function run(mode: 'close' | 'leave'): Promise<{ code: unknown; output: string }> {
  const script = ['--import', 'tsx', 'test/support/outage-process.ts', mode]
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const deadline = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(deadline)
  return { code, output: Buffer.concat(chunks).toString() }
}

describe('a process whose issuer has every fault', () => {
  it.each(['close', 'leave'] as const)(
    'ends by itself, with no error unhandled and nothing left open (guards: %s)',
    async (mode) => {
      expect(await run(mode)).toEqual({ code: 0, output: 'done\n' })
    },
  )
})
