import { expect, it } from '@jest/globals'
import { runScript } from '../../../support/script.js'

it('keys of clients and used proofs take a bounded part of the heap', async () => {
  const { output } = await runScript('test/support/full-proofs-process.ts', '', {}, 60)
  const [proof, all] = output.match(/\d+/g)!.map(Number)
  // Each by a key of its own, which its count of proofs is kept for.
  expect(proof).toBeLessThan(600)
  expect(all).toBeLessThan(4_000_000)
}, 70_000)
