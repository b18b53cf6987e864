import { describe, expect, it } from '@jest/globals'
import { compiled } from '../../../tools/typescript-process.js'
import { doctor, linesOn, type DoctorRun } from '../../support/doctor.js'

const APP = 'test/support/doctor-app.ts'

function look(
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<DoctorRun> {
  return doctor(['doctor', '--config', compiled(file)], { environment })
}

/** The line on one rule, with cause and fix below it. */
function onRule(rule: string, { stdout }: DoctorRun): string {
  return stdout.split(/\n(?=\S)/).find((block) => block.includes(rule)) ?? ''
}

describe('doctor --config', () => {
  it.each(['4', '5'])(
    'rates what stands on an app of Express %s, and ends though it listens',
    async (EXPRESS) => {
      const run = await look(APP, { EXPRESS })
      expect(run.code).toBe(0)
      expect(linesOn('config', run)[0]).toMatch(/^ok .*: 4$/)
      expect(onRule('RFC 8725 §3.1, ASVS 9.1.2', run)).toMatch(/^ok .*: ES256$/)
      expect(onRule('ASVS 7.4.1', run)).toMatch(/^ok .*denylist is asked/)
      expect(onRule('ASVS 10.3.2', run)).toMatch(/^ok .*: By guards over scopes/)
      expect(onRule('ASVS 3.4.1', run)).toMatch(/^ok/)
      expect(onRule('ASVS 10.3.5', run)).toMatch(
        /^warning[^\n]*\n +cause: \S.*\n +fix: +Set "dpop"/,
      )
      expect(run.stdout).not.toContain('FAILED')
    },
  )

  it('tells what is against a rule', async () => {
    const run = await look(APP, { FAIL_OPEN: 'yes' })
    expect(run.code).toBe(1)
    expect(onRule('ASVS 16.5.3', run)).toMatch(
      /^FAILED[^\n]*\n +cause: .*revoked tokens pass\n +fix: /,
    )
  })

  it('tells a file in which no guard is found', async () => {
    const run = await look('lib/core/values.ts')
    expect(run.code).toBe(1)
    expect(linesOn('config', run)[2]).toMatch(/Export the Express app/)
  })

  it('takes a file that is not there for a wrong command', async () => {
    const run = await look('nowhere.js')
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(/^--config nowhere.js: Cannot find module/)
    expect(run.stderr).not.toMatch(/^ +at /m)
  })
})
