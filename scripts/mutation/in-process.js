import { readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core'
import { declareClassPlugin, commonTokens, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { installSharedKeys } from './shared-keys.js'
import { runSuite } from './suite.js'

/** What the first run found: each test file, with its tests, and the milliseconds that all and each took. */
const RECORD = 'test-files.json'
/** Longer takes a test that starts a process, and in that no mutant is on. */
const LONGEST_MS = 4_000

/** Where the code that Stryker changed looks for the mutant that is on, and counts what it reaches. */
const stryker = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {})

/**
 * Runs test files for Stryker in its own process, without the start of jest: each mutant costs the
 * evaluation of the modules of one suite and the tests in it that reach the mutant. Files run one after
 * another until one fails: first that which killed a mutant last, since the next stands close to it.
 */
class InProcessRunner {
  static inject = [commonTokens.options, commonTokens.logger]
  #suites
  #log
  #record
  /** Files that killed a mutant in this process, the latest first. */
  #killers = []

  constructor(options, log) {
    this.#suites = options.suites
    this.#log = log
    process.env.NODE_ENV ??= 'test'
    // Work that a mutant left running may throw at any time: that says nothing of the next mutant.
    process.on('uncaughtException', () => undefined)
    installSharedKeys()
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  async dryRun() {
    const tests = []
    const record = {}
    for (const file of this.#suites) {
      const onTest = (name) => (stryker.currentTestId = name && idOf(file, name))
      const begun = performance.now()
      const ran = await runSuite(`${process.cwd()}/${file}`, { onTest, longestMs: LONGEST_MS })
      const cost = performance.now() - begun
      for (const { name, error } of ran.filter(isFailure)) {
        const [why] = error.split('\n')
        this.#log.warn(`Left out, since it fails by itself: ${file}: ${name}: ${why}`)
      }
      const sound = ran.filter((test) => !isFailure(test))
      record[file] = { cost, tests: Object.fromEntries(sound.map(({ name, ms }) => [name, ms])) }
      tests.push(...sound.map((test) => resultOf(file, test)))
    }
    const { mutantCoverage } = stryker
    const known = new Set(tests.map(({ id }) => id))
    for (const id of Object.keys(mutantCoverage.perTest)) {
      if (!known.has(id)) delete mutantCoverage.perTest[id]
    }
    writeFileSync(RECORD, JSON.stringify(record))
    return { status: DryRunStatus.Complete, tests, mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName }) {
    const record = (this.#record ??= JSON.parse(readFileSync(RECORD, 'utf8')))
    const tests = []
    Object.assign(stryker, { activeMutant: activeMutant.id, hitCount: 0, hitLimit })
    for (const [file, wanted] of this.#inOrder(wantedOf(record, testFilter, sandboxFileName))) {
      const ran = await runSuite(`${process.cwd()}/${file}`, { wanted })
      tests.push(...ran.map((test) => resultOf(file, test)))
      const timeout = determineHitLimitReached(stryker.hitCount, hitLimit)
      if (timeout !== undefined) return toMutantRunResult(timeout)
      if (!ran.some(isFailure)) continue
      this.#killers = [file, ...this.#killers.filter((other) => other !== file)]
      await this.#mustPass(file, wanted)
      break
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests })
  }

  /**
   * A file that fails without a mutant as well fails for what an earlier one left behind. Nothing is
   * known then: this process ends, and Stryker asks another.
   */
  async #mustPass(file, wanted) {
    stryker.activeMutant = undefined
    const ran = await runSuite(`${process.cwd()}/${file}`, { wanted })
    const failed = ran.find(isFailure)
    if (failed === undefined) return
    console.error(`${file} fails without a mutant too: ${failed.name}: ${failed.error}`)
    process.exit(1)
  }

  #inOrder(files) {
    const rank = ([file]) => {
      const place = this.#killers.indexOf(file)
      return place === -1 ? this.#killers.length + this.#record[file].cost : place
    }
    return [...files].toSorted((a, b) => rank(a) - rank(b))
  }
}

const isFailure = ({ error }) => error !== undefined

const idOf = (file, name) => `${file}#${name}`

/**
 * The tests to run by their file, each with the time it took. A mutant that is on while modules load
 * is reached by no test that Stryker could name: the suites of its own file are asked.
 */
function wantedOf(record, testFilter, mutated) {
  if (testFilter === undefined) {
    const own = `test/${relative('lib', mutated).replace(/ts$/, '')}`
    const files = Object.keys(record).filter((file) => file.startsWith(own))
    const asked = files.length > 0 ? files : Object.keys(record)
    return new Map(asked.map((file) => [file, new Map(Object.entries(record[file].tests))]))
  }
  const ids = new Set(testFilter)
  const files = new Map()
  for (const [file, { tests }] of Object.entries(record)) {
    const names = Object.entries(tests).filter(([name]) => ids.has(idOf(file, name)))
    if (names.length > 0) files.set(file, new Map(names))
  }
  return files
}

function resultOf(file, { name, ms, error }) {
  const result = {
    id: idOf(file, name),
    name,
    timeSpentMs: ms,
    fileName: `${process.cwd()}/${file}`,
  }
  return error === undefined
    ? { ...result, status: TestStatus.Success }
    : { ...result, status: TestStatus.Failed, failureMessage: error }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
]
