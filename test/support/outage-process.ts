// Run by the tests as a process of its own: brings guards into every trouble and ends, by itself, with
// code 0, unless something was left open or an error had nobody to handle it.
import assert from 'node:assert/strict'
import { requireBearer, type BearerGuard } from '../../lib/index.js'
import { FAULTS } from '../../tools/faults.js'
import { startHostileIssuer, type HostileIssuer } from '../../tools/hostile-issuer.js'
import { until } from '../../tools/until.js'

const closing = process.argv[2] === 'close'

function guardFor(issuer: HostileIssuer): BearerGuard {
  const { url, audience } = issuer
  return requireBearer({ issuer: url, audience, keyCache: { timeoutMs: 800, ttlSeconds: 0.1 } })
}

async function suffer(fault: string): Promise<void> {
  const issuer = await startHostileIssuer()
  const warm = guardFor(issuer)
  // A busy machine may miss the deadline of this fetch too.
  await until(() => warm.ready())
  await issuer.jwks.misbehave(fault)
  const cold = guardFor(issuer)
  await cold.ready().then(
    () => Promise.reject(new Error(`There were keys in spite of ${fault}`)),
    () => undefined,
  )
  const underWay = guardFor(issuer).ready()
  const abandoned = guardFor(issuer)
  const interrupted = abandoned.ready()
  if (closing) {
    for (const guard of [warm, cold, abandoned]) guard.close()
  }
  await Promise.allSettled([underWay, interrupted])
  if (closing) await until(async () => assert.equal(await issuer.jwks.connections(), 0), 2000)
  await issuer.close()
}

await Promise.all(FAULTS.map(suffer))
console.log('done')
