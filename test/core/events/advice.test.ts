import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createAdvice } from '../../../lib/core/events/advice.js'
import type { AuthEvent } from '../../../lib/core/events/events.js'
import { runScript } from '../../support/script.js'

const warnings: string[] = []
let now = 0
const timer = { now: () => now }

beforeEach(() => {
  now = 0
  jest.spyOn(process, 'emitWarning').mockImplementation((text, options) => {
    warnings.push(`${(options as { code: string }).code} ${String(text)}`)
  })
})

afterEach(() => {
  jest.restoreAllMocks()
  warnings.length = 0
})

const adviser = (env: NodeJS.ProcessEnv, wanted?: boolean) => createAdvice(wanted, env, timer)
const expired = { reason: 'expired', detail: 'The token expired 61 s ago' } as const
const failed: AuthEvent = { name: 'keys.failed', issuer: 'https://id.test', detail: 'It is 404' }
const recovered: AuthEvent = { name: 'keys.recovered', issuer: 'https://id.test' }

describe('advice on refusals', () => {
  it('is one line for a reason, with detail, fix and page, and again after ten minutes', () => {
    const advice = adviser({})
    advice?.refused('requireBearer', expired)
    advice?.refused('requireBearer', expired)
    advice?.refused('requireBearer', { reason: 'wrong_audience' })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^ERS_REFUSED requireBearer refused a request \(expired\)\. The token expired 61 s ago\. .*docs\/reasons\.md#expired/,
      ),
      expect.stringMatching(/\(wrong_audience\)/),
    ])
    now = 600_000
    advice?.refused('requireBearer', expired)
    expect(warnings).toHaveLength(3)
  })

  it('holds nothing that could break a line', () => {
    adviser({})?.refused('g', { reason: 'expired', detail: 'a\nb\u001b[31m' })
    expect(warnings[0]).toMatch(/^[ -~]+$/)
  })

  it('says nothing of reasons that an app invents, of which there may be any number', () => {
    adviser({})?.refused('g', { reason: 'constructor' as 'expired' })
    expect(warnings).toEqual([])
  })

  it('hears of what an endpoint emits by itself', () => {
    adviser({})?.heard({
      name: 'request.refused',
      guard: 'backChannelLogout',
      code: 'invalid_token',
      family: 'credential',
      status: 400,
      ...expired,
    })
    expect(warnings).toHaveLength(1)
  })
})

describe('advice on outages', () => {
  it('is one warning at the beginning and one at the end', () => {
    const advice = adviser({ NODE_ENV: 'production' })
    for (const event of [failed, failed, recovered, recovered]) advice?.heard(event)
    expect(warnings.map((line) => line.split(' ', 1)[0])).toEqual([
      'ERS_KEYS_UNAVAILABLE',
      'ERS_KEYS_RECOVERED',
    ])
    expect(warnings[0]).toMatch(/https:\/\/id\.test.*It is 404/)
  })

  it('tells each state of a store, and not that it was ready from the start', () => {
    const advice = adviser({ NODE_ENV: 'production' })
    for (const state of ['verifying', 'ready', 'down', 'verifying', 'down', 'refused', 'ready']) {
      advice?.heard({ name: 'revocation.state', store: 's', state, detail: 'why' })
    }
    expect(warnings.map((line) => line.split(' ', 1)[0])).toEqual([
      'ERS_STORE_UNAVAILABLE',
      'ERS_STORE_UNAVAILABLE',
      'ERS_STORE_RECOVERED',
    ])
  })

  it('is no flood where an issuer comes and goes, or where tenants choose the issuers', () => {
    const advice = adviser({ NODE_ENV: 'production' })
    for (let time = 0; time < 10; time += 1) {
      advice?.heard(failed)
      advice?.heard(recovered)
    }
    expect(warnings).toHaveLength(2)
    for (let tenant = 0; tenant < 100; tenant += 1) {
      advice?.heard({ ...failed, issuer: `https://${tenant}.test` })
    }
    expect(warnings.length).toBeLessThan(30)
  })
})

const stateOf = (state: 'down' | 'ready' | 'lost' | 'refused', detail?: string): AuthEvent => ({
  name: 'revocation.state',
  store: 's',
  state,
  ...(detail !== undefined && { detail }),
})

describe('a line about an outage', () => {
  it.each<[AuthEvent[], string]>([
    [
      [failed],
      'ERS_KEYS_UNAVAILABLE The keys of https://id.test cannot be had: It is 404. Tokens of new keys, or all of them, are answered by 503 until they can',
    ],
    [[failed, recovered], 'ERS_KEYS_RECOVERED The keys of https://id.test can be had again'],
    [
      [stateOf('down')],
      'ERS_STORE_UNAVAILABLE The revocation store "s" cannot be asked (down). Requests that need it are answered by 503',
    ],
    [
      [stateOf('lost', 'Why? Who knows!')],
      'ERS_STORE_UNAVAILABLE The revocation store "s" cannot be asked (lost). Why? Who knows! Requests that need it are answered by 503',
    ],
    [
      [stateOf('refused', 'v. 2 of it')],
      'ERS_STORE_UNAVAILABLE The revocation store "s" cannot be asked (refused). v. 2 of it. Requests that need it are answered by 503',
    ],
    [
      [stateOf('down'), stateOf('ready')],
      'ERS_STORE_RECOVERED The revocation store "s" answers again',
    ],
  ])('%#', (events, line) => {
    const advice = adviser({})
    for (const event of events) advice?.heard(event)
    expect(warnings.at(-1)).toBe(line)
  })

  it('comes again once a minute has passed since the last change, and not sooner', () => {
    const advice = adviser({})
    advice?.heard(failed)
    advice?.heard(recovered)
    now = 59_999
    advice?.heard(failed)
    expect(warnings).toHaveLength(2)
    now = 60_000
    advice?.heard(failed)
    expect(warnings).toHaveLength(3)
  })

  it('tells of twenty issuers, and of a new state of those that are known', () => {
    const advice = adviser({})
    for (let n = 0; n < 25; n += 1) advice?.heard({ ...failed, issuer: `https://${n}.test` })
    expect(warnings).toHaveLength(20)
    advice?.heard({ ...recovered, issuer: 'https://3.test' })
    advice?.heard(stateOf('down'))
    expect(warnings).toHaveLength(21)
  })

  it('is none for an end that had no beginning, and none for what is no outage', () => {
    const advice = adviser({})
    advice?.heard(recovered)
    advice?.heard(stateOf('ready'))
    advice?.heard({ name: 'ratelimit.recovered', limiter: 'login' })
    expect(warnings).toEqual([])
  })
})

describe('who is advised', () => {
  it.each([
    ['a developer, of everything', {}, undefined, 2],
    ['an operator, of outages', { NODE_ENV: 'production' }, undefined, 1],
    ['an operator who asks for it, of everything', { NODE_ENV: 'production' }, true, 2],
    ['no test run of Jest or Vitest', { NODE_ENV: 'test' }, undefined, 0],
    ['no test run of Node', { NODE_TEST_CONTEXT: 'child-v8' }, undefined, 0],
    ['a test run that asks for it', { NODE_ENV: 'test' }, true, 2],
    ['nobody where it is turned off', {}, false, 0],
  ])('%s', (_who, env, wanted, lines) => {
    const advice = adviser(env, wanted)
    advice?.refused('g', expired)
    advice?.heard(failed)
    expect(warnings).toHaveLength(lines)
  })
})

const run = async (options: object, env: Record<string, string> = {}) => {
  const whole = { NODE_ENV: '', NODE_OPTIONS: '', ...env }
  const { output } = await runScript(
    'test/support/advice-process.ts',
    JSON.stringify(options),
    whole,
  )
  expect(output).toContain('401 401 401 401 200')
  expect(output).not.toMatch(/eyJ/)
  return output
}

describe('a process without a listener', () => {
  it.each([
    ['prints one line a reason', {}, {}, 2],
    ['prints none in production', {}, { NODE_ENV: 'production' }, 0],
    ['prints none where it is turned off', { advice: false }, {}, 0],
    ['prints none where somebody listens', { listen: true }, {}, 0],
  ])('%s', async (_name, options, env, lines) => {
    expect((await run(options, env)).match(/\[ERS_REFUSED\]/g) ?? []).toHaveLength(lines)
  })

  it('shows each verdict by NODE_DEBUG, and no advice besides', async () => {
    const output = await run({}, { NODE_DEBUG: 'express-resource-server' })
    expect(output.match(/"request\.refused"/g)).toHaveLength(4)
    expect(output.match(/"bearer\.accepted"/g)).toHaveLength(1)
    expect(output).not.toContain('ERS_REFUSED')
  })
})
