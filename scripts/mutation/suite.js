import * as diagnostics from 'node:diagnostics_channel'
import { jestExpect as expect } from '@jest/expect'
import * as circus from 'jest-circus'
import { ModuleMocker } from 'jest-mock'
import { evaluateFresh, globalsOfPackages } from './fresh-modules.js'
import { beginSuite } from './shared-keys.js'

const mocker = new ModuleMocker(globalThis)
const { describe, it, beforeAll, beforeEach, afterAll, afterEach } = circus
const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  setTimeout: () => undefined,
}
const vocabulary = { expect, describe, it, beforeAll, beforeEach, afterAll, afterEach }

/** A promise that is never settled ends a test after this many of the test's ordinary times. */
const PATIENCE = 10
const LEAST_PATIENCE_MS = 1_500
const HOOK_MS = 10_000
/** Of the first run: a busy machine takes its time to make keys, and a hook that fails leaves out a suite. */
const FIRST_HOOK_MS = 60_000

/**
 * Runs the tests of a file in this process, and none after one failed: the mutant is killed then.
 *
 * @param wanted Names of tests to run, with the time each took; absent: all.
 * @param longestMs After this a test fails; a hook may take longer.
 * @param onTest Called as a test begins, with its full name, and with nothing once it ended.
 * @returns Each test that ran, with its first error.
 */
export async function runSuite(path, { wanted, onTest = () => undefined, longestMs = HOOK_MS }) {
  const restore = rememberProcess()
  beginSuite()
  const ran = []
  circus.resetState()
  const state = circus.getState()
  state.testTimeout = wanted === undefined ? FIRST_HOOK_MS : HOOK_MS
  state.maxConcurrency = 16
  const hasFailed = () => ran.some(({ error }) => error !== undefined)
  const watch = ({ name, test }) => {
    if (name === 'test_start') {
      if (wanted === undefined) test.timeout = Math.min(test.timeout ?? longestMs, longestMs)
      else if (hasFailed()) test.mode = 'skip'
      onTest(nameOf(test))
    } else if (name === 'test_skip') {
      onTest(undefined)
    } else if (name === 'test_done') {
      onTest(undefined)
      const [error] = test.errors
      ran.push({ name: nameOf(test), ms: test.duration ?? 0, error: messageOf(error) })
    }
  }
  circus.addEventHandler(watch)
  try {
    await evaluateFresh(path, (resetModules) => {
      const globals = { ...vocabulary, jest: { ...jest, resetModules } }
      return new Map([['@jest/globals', globals], ownChannels()])
    })
    if (wanted !== undefined) choose(state.rootDescribeBlock, wanted)
    const { unhandledErrors } = await circus.run()
    if (unhandledErrors.length > 0) {
      ran.push({ name: path, ms: 0, error: messageOf(unhandledErrors[0]) })
    }
  } catch (error) {
    ran.push({ name: path, ms: 0, error: messageOf(error) })
  } finally {
    circus.removeEventHandler(watch)
    mocker.restoreAllMocks()
    restore()
  }
  return ran
}

function choose(block, wanted) {
  for (const child of block.children) {
    if (child.type === 'describeBlock') {
      choose(child, wanted)
      continue
    }
    const ms = wanted.get(nameOf(child))
    if (ms === undefined) child.mode = 'skip'
    else child.timeout = LEAST_PATIENCE_MS + PATIENCE * ms
  }
}

function nameOf(test) {
  const names = []
  for (let at = test; at.parent !== undefined; at = at.parent) names.unshift(at.name)
  return names.join(' ')
}

function messageOf(error) {
  if (error === undefined) return undefined
  const [first, second] = [error].flat()
  return String(first?.message ?? second?.message ?? first ?? second).slice(0, 500)
}

let round = 0
/** A subscriber that a test left behind hears nothing of the next file: each has channels of its own. */
function ownChannels() {
  round += 1
  const here = round
  const own = (name) =>
    String(name).startsWith('express-resource-server') ? `${name} ${here}` : name
  const rename = (method) => (name, listener) => diagnostics[method](own(name), listener)
  const names = ['channel', 'subscribe', 'unsubscribe', 'hasSubscribers']
  const renamed = Object.fromEntries(names.map((name) => [name, rename(name)]))
  return ['node:diagnostics_channel', { ...diagnostics, ...renamed }]
}

/** The parts of the process that a failed test may have changed. */
function rememberProcess() {
  const env = { ...process.env }
  const warned = process.listeners('warning')
  const names = new Set(Reflect.ownKeys(globalThis))
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
    Object.assign(process.env, env)
    for (const listener of process.listeners('warning')) {
      if (!warned.includes(listener)) process.off('warning', listener)
    }
    for (const name of Reflect.ownKeys(globalThis)) {
      if (!names.has(name) && !globalsOfPackages.has(name)) Reflect.deleteProperty(globalThis, name)
    }
  }
}
