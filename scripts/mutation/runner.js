import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import TestRunner from 'jest-runner'

/** Holds the number of the mutant; unset while Stryker finds out which test reaches which. */
const ACTIVE = '__STRYKER_ACTIVE_MUTANT__'

/**
 * Runs test files for Stryker, whose own jest runner loads every file for every mutant. Here only
 * files run that have a test which reaches the mutant, one after another, until one fails: first
 * the one that killed a mutant last, since the next mutant stands close to it, and then the quickest.
 */
export default class MutationRunner extends TestRunner {
  #config

  constructor(globalConfig, context) {
    super(globalConfig, context)
    this.#config = globalConfig
  }

  async runTests(tests, watcher, options) {
    const record = join(this.#config.rootDir, 'test-files.json')
    const isMutant = process.env[ACTIVE] !== undefined
    const seen = isMutant ? (known ??= JSON.parse(readFileSync(record, 'utf8'))) : {}
    const failed = new Set()
    this.on('test-file-success', ([{ path }, { testResults, perfStats, numFailingTests }]) => {
      if (!isMutant) {
        seen[path] = { names: testResults.map((test) => test.fullName), ms: perfStats.runtime }
      } else if (numFailingTests > 0) {
        failed.add(path)
        killers = [path, ...killers.filter((other) => other !== path)]
      }
    })
    for (const test of isMutant ? inOrder(tests, seen, this.#config.testNamePattern) : tests) {
      await super.runTests([test], watcher, options)
      if (failed.size > 0) return
    }
    if (!isMutant) writeFileSync(record, JSON.stringify(seen))
  }
}

let known
/** Files that killed a mutant in this process, the latest first. */
let killers = []

function inOrder(tests, seen, testNamePattern) {
  const reaching = new RegExp(testNamePattern ?? '', 'i')
  const rank = ({ path }) => {
    const place = killers.indexOf(path)
    return place === -1 ? killers.length + seen[path].ms : place
  }
  return tests
    .filter(({ path }) => seen[path].names.some((name) => reaching.test(name)))
    .toSorted((a, b) => rank(a) - rank(b))
}
