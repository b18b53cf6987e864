import { describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { memoryReplayStore, ReplayUnavailable, type DpopOptions } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { frozenClock, startApi, type TestApi, type TestApiOptions } from '../../../tools/api.js'

const ORIGIN = 'https://api.example.com'
const clock = frozenClock()

describe('why a proof is refused', () => {
  const issuer = createTestIssuer({ clock })
  const client = issuer.dpopClient()
  const token = client.token()
  const url = `${ORIGIN}/r`
  function start(
    dpop: Partial<DpopOptions> = {},
    more: TestApiOptions = { origin: ORIGIN },
  ): Promise<TestApi> {
    const all = { replay: memoryReplayStore(), ...dpop }
    return startApi(issuer, { clock, dpop: all, ...more })
  }

  async function reasonFor(api: TestApi, ...proofs: readonly string[]): Promise<unknown> {
    for (const proof of proofs) {
      const asking = request(api.url).get('/r').set('Authorization', `DPoP ${token}`)
      await (proof === '' ? asking : asking.set('DPoP', proof))
    }
    await api.close()
    return api.reason()
  }

  it('is told by a reason each', async () => {
    const good = client.proof(token, { url })
    const forged = good.slice(0, -6) + (good.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA')
    const secrets = ['a secret of more than thirty-two bytes']
    const down = {
      claim: () => Promise.reject(new ReplayUnavailable('down')),
    }
    expect({
      missing: await reasonFor(await start(), ''),
      malformed: await reasonFor(await start(), 'no proof'),
      forged: await reasonFor(await start(), forged),
      ofAnother: await reasonFor(await start(), client.proof('another token', { url })),
      old: await reasonFor(await start(), client.proof(token, { url, claims: { iat: 1 } })),
      twice: await reasonFor(await start(), good, good),
      withoutNonce: await reasonFor(await start({ nonce: { secrets } }), good),
      withoutOrigin: await reasonFor(await start({}, {}), good),
      withoutStore: await reasonFor(await start({ replay: down }), good),
    }).toEqual({
      missing: 'missing_proof',
      malformed: 'malformed_proof',
      forged: 'bad_proof_signature',
      ofAnother: 'proof_mismatch',
      old: 'stale_proof',
      twice: 'replayed_proof',
      withoutNonce: 'nonce_needed',
      withoutOrigin: 'origin_unknown',
      withoutStore: 'replay_unavailable',
    })
  })
})
