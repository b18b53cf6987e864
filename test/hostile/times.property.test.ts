import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import * as fc from 'fast-check'
import request from 'supertest'
import { requireBearer } from '../../lib/index.js'
import { frozenClock } from '../../tools/api.js'
import { forge } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../../tools/issuer.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { serve, type RunningServer } from '../../tools/server.js'

interface Times {
  readonly exp: number | undefined
  readonly nbf: number | undefined
  readonly iat: number | undefined
}

/** RFC 7519 §4.1.4 to §4.1.6, as plainly as it can be said. */
function isAccepted(
  { exp, nbf, iat }: Times,
  now: number,
  leeway: number,
  maxAge?: number,
): boolean {
  if (exp === undefined || now >= exp + leeway) return false
  if (nbf !== undefined && now < nbf - leeway) return false
  if (iat !== undefined && now < iat - leeway) return false
  if (maxAge === undefined) return true
  return iat !== undefined && now <= iat + maxAge + leeway
}

const START = 1_800_000_000
const TOLERANCES = [0, 5, 60]
const AGES = [undefined, 100]
const clock = frozenClock(START)
const audience = 'https://api.test'
const issuer = 'https://id.test'

let key: SigningKey
let server: RunningServer

beforeAll(async () => {
  key = await createSigningKey('ed', 'EdDSA')
  const app = express()
  for (const clockToleranceSeconds of TOLERANCES) {
    for (const maxAgeSeconds of AGES) {
      const age = maxAgeSeconds === undefined ? {} : { maxAgeSeconds }
      const jwks = { keys: [key.jwk] }
      const guard = requireBearer({ issuer, audience, jwks, clock, clockToleranceSeconds, ...age })
      app.get(
        `/${clockToleranceSeconds}/${String(maxAgeSeconds)}`,
        guard,
        (_req, res) => void res.end(),
      )
    }
  }
  server = await serve(app)
})

afterAll(() => server.close())

/** Quarters of a second: fractions that floats hold exactly. */
const quarter = fc.constantFrom(-1, -0.25, 0, 0.25, 1)
const offset = fc
  .tuple(fc.constantFrom(-200, -100, -60, -5, 0, 5, 60, 100, 1000), quarter)
  .map(([base, step]) => base + step)
const moment = fc.option(offset, { nil: undefined })
const at = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : START + value

/** The four moments at which a verdict may turn. */
function boundaries({ exp, nbf, iat }: Times, leeway: number, maxAge = 0): readonly number[] {
  const turns = [exp! + leeway, nbf! - leeway, iat! - leeway, iat! + maxAge + leeway]
  return turns.map((turn) => (Number.isNaN(turn) ? START : turn))
}

describe('Time decisions', () => {
  it('equal those of a ten-line oracle, to the very boundary', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ exp: fc.oneof(fc.constant(1000), offset, moment), nbf: moment, iat: moment }),
        // Twice, so that the second verdict is one about a token that is known, where the first let it pass.
        fc.array(fc.tuple(fc.nat(3), quarter), { minLength: 2, maxLength: 2 }),
        fc.constantFrom(...TOLERANCES),
        fc.constantFrom(...AGES),
        async (drawn, moments, leeway, maxAge) => {
          const times = { exp: at(drawn.exp), nbf: at(drawn.nbf), iat: at(drawn.iat) }
          const claims = { iss: issuer, aud: audience, ...times }
          const token = forge({ alg: 'EdDSA', kid: 'ed' }, claims, key)
          for (const [turn, step] of moments) {
            clock.now = boundaries(times, leeway, maxAge)[turn]! + step
            const { status } = await request(server.url)
              .get(`/${leeway}/${String(maxAge)}`)
              .set('Authorization', `Bearer ${token}`)
            expect(status).toBe(isAccepted(times, clock.now, leeway, maxAge) ? 200 : 401)
          }
        },
      ),
      { numRuns: FUZZ_RUNS * 3 },
    )
  })
})
