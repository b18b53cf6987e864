import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { KeyCacheOptions } from '../../lib/index.js'
import { FAULTS } from '../../tools/faults.js'
import {
  answerTo,
  BACK_OFF_MS,
  burst,
  distinct,
  LIMITS_MS,
  playCell,
  shortestGapMs,
  withScene,
  type Cell,
  type Readings,
} from '../../tools/hostile-cell.js'

/** Where `npm run hostile-issuer` wants the readings. */
const REPORT = process.env['HOSTILE_ISSUER_REPORT']

/**
 * The report shows the defaults. Otherwise nobody shall wait for them: the deadline is short, but not
 * so short that a busy machine is taken for a silent issuer.
 */
const KEY_CACHE: KeyCacheOptions = REPORT === undefined ? { timeoutMs: 1500 } : {}

const LIMIT_MS = REPORT === undefined ? LIMITS_MS.busy : LIMITS_MS.promised

interface Row extends Omit<Cell, 'fault'> {
  /** What may be answered to a good token, and to one by a key published after the last fetch. */
  readonly statuses: readonly string[]
  readonly rotated?: readonly string[]
  /** Requests of one try, whoever waits for it. Between two tries there is a back-off. */
  readonly metadata: number
  readonly jwks: number
  readonly because: string
}

/** Discovery asks two forms at once, so a try that needs it costs two requests for metadata. */
// prettier-ignore
const ROWS: readonly Row[] = [
  { target: 'jwks', state: 'cold', statuses: ['503'], metadata: 2, jwks: 1,
    because: 'one fetch, then a back-off that all remember' },
  { target: 'jwks', state: 'warm', statuses: ['200'], rotated: ['503'], metadata: 2, jwks: 1,
    because: 'known keys pass, and nobody can tell of others' },
  { target: 'jwks', state: 'stale', statuses: ['200'], metadata: 2, jwks: 1,
    because: 'only the background asks' },
  { target: 'jwks', state: 'dead', statuses: ['503'], metadata: 2, jwks: 1,
    because: 'keys too old are as good as none' },
  { target: 'metadata', state: 'cold', statuses: ['503'], metadata: 2, jwks: 0,
    because: 'nobody says where the keys are' },
  { target: 'metadata', state: 'warm', statuses: ['200'], rotated: ['200'], metadata: 0, jwks: 1,
    because: 'it is known where the keys are, so that even a rotation shows' },
  { target: 'metadata', state: 'stale', statuses: ['200'], metadata: 2, jwks: 1,
    because: 'heals although the metadata stays bad' },
  { target: 'metadata', state: 'dead', statuses: ['200', '503'], metadata: 2, jwks: 1,
    because: 'heals although the metadata stays bad' },
  { target: 'both', state: 'cold', statuses: ['503'], metadata: 2, jwks: 0,
    because: 'nobody says where the keys are' },
  { target: 'both', state: 'warm', statuses: ['200'], rotated: ['503'], metadata: 2, jwks: 1,
    because: 'known keys pass, and nobody can tell of others' },
  { target: 'both', state: 'stale', statuses: ['200'], metadata: 2, jwks: 1,
    because: 'only the background asks' },
  { target: 'both', state: 'dead', statuses: ['503'], metadata: 2, jwks: 1,
    because: 'keys too old are as good as none' },
]

const readings: Readings[] = []

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(readings))
})

describe.each(ROWS)('requireBearer, $state keys, fault of $target: $because', (row) => {
  const { target, state, rotated = [] } = row

  it.concurrent.each(FAULTS)(
    '%s: status, time, stall, requests and healing',
    async (fault) => {
      const seen = await playCell({ target, state, fault }, KEY_CACHE)
      readings.push(seen)
      expect(seen.statuses.filter((status) => !row.statuses.includes(status))).toEqual([])
      expect(seen.rotated).toEqual(rotated)
      expect(seen.answerMs).toBeLessThan(LIMIT_MS.answer)
      expect(seen.stallMs).toBeLessThan(LIMIT_MS.stall)
      const { metadata, jwks } = seen.requests
      expect(shortestGapMs(metadata, row.metadata)).toBeGreaterThanOrEqual(BACK_OFF_MS)
      // The JWKS goes to https for this fault, and a try asks at both places once.
      const places = fault === 'bad TLS' ? 2 : 1
      expect(shortestGapMs(jwks, row.jwks * places)).toBeGreaterThanOrEqual(BACK_OFF_MS)
      expect(seen.healMs).toBeLessThan(LIMIT_MS.heal)
    },
    40_000,
  )
})

describe('requireBearer, with the default deadline', () => {
  it('asks a well issuer once for each document, however many requests come at once (DISC-06)', () =>
    withScene({}, async ({ issuer, api, token }) => {
      const answers = await Promise.all(Array.from({ length: 500 }, () => answerTo(api, token)))
      expect(distinct([answers.map(({ status }) => status)])).toEqual(['200'])
      const forms = ['oauth-authorization-server', 'openid-configuration']
      expect(issuer.metadata.requests.toSorted()).toEqual(
        forms.map((form) => `/.well-known/${form}`),
      )
      expect(issuer.jwks.requests).toEqual(['/jwks'])
    }))

  it('refuses the tokens of a key whose private half is published, and no others', () =>
    withScene({}, async ({ issuer, api, token }) => {
      issuer.giveAway()
      expect((await answerTo(api, token)).status).toBe('401')
      expect((await answerTo(api, await issuer.token(issuer.nextKey))).status).toBe('200')
    }))

  it('answers 503 within 3 seconds while the issuer is silent', () =>
    withScene({}, async ({ issuer, api, token }) => {
      await issuer.jwks.misbehave('silence')
      const answers = await burst(api, token)
      expect(distinct([answers.map(({ status }) => status)])).toEqual(['503'])
      const times = answers.map(({ answerMs }) => answerMs)
      expect(Math.max(...times)).toBeLessThan(3000)
      expect(Math.min(...times)).toBeGreaterThan(2000)
    }))
})
