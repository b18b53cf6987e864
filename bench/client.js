// The client process: the issuer whose keys the candidates fetch, and the load.
import { startIssuer } from './client/issuer.js'
import { compare, flood } from './client/compare.js'
import { measure } from './client/measure.js'
import { measureMemory } from './client/memory.js'
import { spin } from './client/spin.js'
import { AUDIENCE, createSigningKeys } from './client/tokens.js'

const { keys, jwks } = createSigningKeys()
const { issuer, jwksUri } = await startIssuer(jwks)
const tasks = { measure, memory: measureMemory, compare, flood }

process.on('message', ({ task, ...order }) => {
  const signing = { key: keys.get(order.algorithm), issuer }
  const stopSpinning = spin()
  tasks[task]({ ...order, signing })
    .then(
      (result) => process.send({ result }),
      (error) => process.send({ failed: error.message }),
    )
    .finally(stopSpinning)
})
process.once('disconnect', () => process.exit())
process.send({ issuer, audience: AUDIENCE, jwksUri })
