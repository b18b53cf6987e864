import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'

it('lets in no revoked token under the faults of the short profile, and the naive client does', async () => {
  const run = spawn(process.execPath, ['--import', 'tsx', 'scripts/faults/main.ts', '--short'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  run.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(run, 'close')) as [number]
  const table = Buffer.concat(chunks).toString()
  expect(table).toMatch(/\| FLUSHALL +\| 0 +\|/)
  expect(table).toContain('All as promised')
  expect(code).toBe(0)
}, 60_000)
