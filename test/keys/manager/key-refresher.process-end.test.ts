import { describe, expect, it } from '@jest/globals'
import { runScript } from '../../support/script.js'

describe('a process whose issuer has every fault', () => {
  it.each(['close', 'leave'])(
    'ends by itself, with no error unhandled and nothing left open (guards: %s)',
    async (mode) => {
      const run = await runScript('test/support/outage-process.ts', mode)
      expect(run).toEqual({ code: 0, output: 'done\n' })
    },
  )
})
