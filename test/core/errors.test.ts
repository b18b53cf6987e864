import { expect, it } from '@jest/globals'
import { AuthError } from '../../lib/index.js'
import { runScript } from '../support/script.js'

it('refusals are answers where all that is built in is frozen, by --frozen-intrinsics', async () => {
  const { output } = await runScript('test/support/frozen-process.ts', '', {
    NODE_OPTIONS: '--frozen-intrinsics --no-warnings',
  })
  expect(output).toBe('200\n401\n403\n')
})

it('a refusal takes no stack, and leaves those of others alone', () => {
  const before = Error.stackTraceLimit
  const { stack } = new AuthError('invalid_token', { reason: 'expired' })
  expect(stack).not.toMatch(/\n\s+at /)
  expect(Error.stackTraceLimit).toBe(before)
})
