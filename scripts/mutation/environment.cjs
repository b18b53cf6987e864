const { TestEnvironment } = require('jest-environment-node')

/**
 * Runs the tests of one file for Stryker, and no more of them once one failed: the mutant is killed.
 * RSA keys are made once for all files, since making one takes longer than most files do.
 */
module.exports = class MutationEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context)
    this.failed = false
    handedOut.clear()
  }

  handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) this.failed = true
    if (name === 'test_start' && this.failed && isMutant()) test.mode = 'skip'
  }
}

const isMutant = () => process.env['__STRYKER_ACTIVE_MUTANT__'] !== undefined

const pairs = new Map()
/** How many pairs of each kind the present file has: within a file no two are the same. */
const handedOut = new Map()
const subtle = Object.getPrototypeOf(globalThis.crypto.subtle)
const { generateKey } = subtle

subtle.generateKey = function generateKeyOnce(algorithm, extractable, usages) {
  if (algorithm.modulusLength === undefined)
    return generateKey.call(this, algorithm, extractable, usages)
  const kind = JSON.stringify([
    algorithm.name,
    algorithm.hash,
    algorithm.modulusLength,
    extractable,
    usages,
  ])
  const count = handedOut.get(kind) ?? 0
  handedOut.set(kind, count + 1)
  const key = `${kind} ${count}`
  if (!pairs.has(key)) pairs.set(key, generateKey.call(this, algorithm, extractable, usages))
  return pairs.get(key)
}
