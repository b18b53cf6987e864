import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { requireBearer, type BearerGuard, type DpopOptions } from '../../../../lib/index.js'
import { createMemoryReplayStore } from '../../../../lib/replay/memory-store.js'
import { createTestIssuer } from '../../../../lib/testing.js'
import { frozenClock } from '../../../../tools/api.js'
import { serve } from '../../../../tools/server.js'

const ORIGIN = 'https://api.example.com'
const url = `${ORIGIN}/r`
const clock = frozenClock()
const issuer = createTestIssuer({ clock })
const client = issuer.dpopClient()
const bound = client.token({ exp: clock.now + 3600 })

/** Time of a store that all processes share. */
function sharedStore(): {
  readonly replay: DpopOptions['replay']
  readonly pass: (seconds: number) => void
} {
  let now = 1_000_000
  const timer = { now: () => now, after: () => () => undefined }
  return {
    replay: createMemoryReplayStore({}, timer),
    pass: (seconds) => void (now += seconds * 1000),
  }
}

function guardAt(ahead: number, dpop: DpopOptions, optional = false): BearerGuard {
  const own = (): number => clock() + ahead
  return requireBearer({ ...issuer.options, origin: ORIGIN, clock: own, dpop, optional })
}

async function withApi(
  guards: readonly BearerGuard[],
  use: (send: (proof: string, path?: string) => Promise<number>) => Promise<void>,
): Promise<void> {
  const app = express()
  app.use(...guards, (_req, res) => void res.end())
  const server = await serve(app)
  await use(async (proof, path = '/r') => {
    const headers = { Authorization: `DPoP ${bound}`, DPoP: proof }
    return (await request(server.url).get(path).set(headers)).status
  })
  for (const guard of guards) guard.close()
  await server.close()
}

describe('a proof that was used', () => {
  it.each([
    ['made now', 0, {}],
    ['of a client whose clock is ahead', 9, {}],
    ['that was old already', -60, {}],
    ['with a nonce', 0, { nonce: { secrets: ['a secret of at least 32 bytes, no. 1'] } }],
  ])(
    'is never taken by a process whose clock is behind, when it is forgotten (%s)',
    async (_what, iat, more) => {
      const { replay, pass } = sharedStore()
      const dpop = { replay, ...more }
      const start = clock.now
      let nonce: string | undefined
      await withApi([guardAt(0, dpop)], async (send) => {
        if ('nonce' in more) nonce = await nonceOf(guardAt(0, dpop))
        const proof = client.proof(bound, { url, nonce, claims: { iat: start + iat } })
        expect(await send(proof)).toBe(200)
        await withApi([guardAt(-8, dpop)], async (sendBehind) => {
          for (let second = 0; second < 100; second += 1) {
            expect([second, await sendBehind(proof)]).toEqual([second, 401])
            pass(1)
            clock.now += 1
          }
        })
      })
      clock.now = start
    },
  )

  it('may pass several guards within one request, and is used by that request alone', async () => {
    const { replay } = sharedStore()
    const guards = [guardAt(0, { replay }, true), guardAt(0, { replay }), guardAt(0, { replay })]
    await withApi([...guards, guards[0]!], async (send) => {
      const proof = client.proof(bound, { url })
      expect(await send(proof)).toBe(200)
      expect(await send(proof)).toBe(401)
      expect(await send(client.proof(bound, { url }))).toBe(200)
    })
  })

  it('counts for another store as used for the first time', async () => {
    const guards = [guardAt(0, { replay: sharedStore().replay })]
    const strict = { claim: () => false }
    await withApi([...guards, guardAt(0, { replay: strict })], async (send) => {
      expect(await send(client.proof(bound, { url }))).toBe(401)
    })
  })
})

/** What a refused request is told. */
async function nonceOf(guard: BearerGuard): Promise<string> {
  const app = express()
  app.use(guard)
  const server = await serve(app)
  const headers = { Authorization: `DPoP ${bound}`, DPoP: client.proof(bound, { url }) }
  const answer = await request(server.url).get('/r').set(headers)
  guard.close()
  await server.close()
  return answer.headers['dpop-nonce'] as string
}
