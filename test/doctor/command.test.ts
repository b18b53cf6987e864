import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { run } from '../../lib/doctor/command.js'
import type { Output } from '../../lib/doctor/print.js'

async function running(line: string): Promise<{ code: number; out: string; err: string }> {
  const told = { out: '', err: '' }
  const to = (name: 'out' | 'err'): Output =>
    ({ isTTY: false, write: (part: string) => (told[name] += part) }) as unknown as Output
  const around = { stdin: Readable.from([]), stdout: to('out'), stderr: to('err') }
  const code = await run(line.split(' '), around)
  return { code, ...told }
}

const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
function moduleOf(code: string): string {
  const file = join(folder, `${code.length}.mjs`)
  writeFileSync(file, code)
  return file
}

describe('the command doctor', () => {
  it('says how it is used', async () => {
    const { code, out, err } = await running('--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Usage: express-resource-server doctor/)
  })

  it('says which version it is', async () => {
    expect(await running('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/),
    })
  })

  it.each([
    ['doctor', 'Say what to look at'],
    ['doctor --issuer nonsense --audience api', '"issuer"'],
    ['doctor --mcp nonsense', 'URL'],
    ['doctor --redis nonsense', '"redis"'],
    ['doctor --config /no/such/app.js', 'Cannot find module'],
  ])('"%s" exits by 2 and looks at nothing', async (line, complaint) => {
    const { code, out, err } = await running(line)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(complaint)
    expect(err).toMatch(/\nTry: express-resource-server doctor --help\n$/)
  })

  it('tells of a module that throws by the first line of it', async () => {
    const file = moduleOf('throw new Error("no database\\nat once")')
    const { code, err } = await running(`doctor --config ${file}`)
    expect(code).toBe(2)
    expect(err).toMatch(/no database\nTry/)
  })

  it('exits by 1 where something is wrong, and sums up', async () => {
    const { code, out } = await running(`doctor --config ${moduleOf('export default {}')}`)
    expect(code).toBe(1)
    expect(out).toMatch(/^FAILED {3}config/)
    expect(out).toMatch(/\n1 FAILED\n$/)
  })

  it('prints one document for a machine', async () => {
    const { code, out } = await running(`doctor --json --config ${moduleOf('export default [1]')}`)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      findings: [{ check: 'config', status: 'failed' }],
    })
  })

  it('looks at a Redis that is down, and says so', async () => {
    const { code, out } = await running('doctor --redis redis://127.0.0.1:1')
    expect(code).toBe(1)
    expect(out).toContain('ECONNREFUSED')
  })
})
