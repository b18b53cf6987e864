import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { doctor } from '../support/doctor.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function module(code: string): string {
  const file = join(folder, `${code.length}.mjs`)
  writeFileSync(file, code)
  return file
}

describe('the process of doctor', () => {
  it.each([
    ['0 where it was asked for its use', ['--help'], 0],
    ['2 where the command is wrong', ['doctor'], 2],
  ])('exits by %s', async (_what, args, code) => {
    expect((await doctor(args)).code).toBe(code)
  })

  it('ends by itself though an app of --config listens and keeps a timer', async () => {
    const app = "import { createServer } from 'node:http'\ncreateServer().listen(0, '127.0.0.1')\nsetInterval(() => {}, 1000)\nexport default {}\n" // prettier-ignore
    const { code, stdout } = await doctor(['doctor', '--config', module(app)])
    expect(code).toBe(1)
    expect(stdout).toContain('FAILED')
  })

  it('says so where it failed by itself, without control characters', async () => {
    // As an app would whose getter throws.
    const odd = "const odd = new Proxy({}, { ownKeys() { throw new Error('odd\\u001b[31m\\nthing') } })\nexport { odd }\n" // prettier-ignore
    const { code, stderr } = await doctor(['doctor', '--config', module(odd)])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^doctor failed by itself: odd[ -~]*\n$/),
    ])
  })
})
