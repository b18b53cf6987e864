import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createVerifier, type Verifier } from '../../lib/fetch.js'
import {
  AuthError,
  memoryRevocationStore,
  RevocationUnavailable,
  type RevocationChecker,
  type RevocationStore,
} from '../../lib/index.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../tools/issuer.js'

let issuer: TestIssuer
let verifier: Verifier
let store: RevocationStore

beforeAll(async () => {
  issuer = await startIssuer()
  verifier = createVerifier({ issuer: issuer.url, audience: issuer.audience })
  store = memoryRevocationStore({ clockToleranceSeconds: 0 })
})

afterAll(async () => {
  verifier.close()
  await issuer.close()
})

const down: RevocationChecker = {
  status: () => ({ ready: false, state: 'down' }),
  check: () => Promise.reject(new RevocationUnavailable('down')),
}

/** The recipe of docs/streams.md. */
async function take(
  job: { token: unknown },
  revocations: RevocationChecker = store,
): Promise<'done' | 'drop' | 'later'> {
  // A message may hold anything.
  if (typeof job.token !== 'string') return 'drop'
  try {
    const auth = await verifier.verify(job.token)
    if ((await revocations.check(auth)).revoked) return 'drop'
    return 'done'
  } catch (error) {
    if (error instanceof RevocationUnavailable) return 'later'
    if (error instanceof AuthError) return error.family === 'dependency' ? 'later' : 'drop'
    throw error
  }
}

describe('the recipe for queues and jobs', () => {
  it('does a job whose token is good, and drops it once that was revoked', async () => {
    const token = await issuer.token()
    expect(await take({ token })).toBe('done')
    await store.revokeToken(await verifier.verify(token))
    expect(await take({ token })).toBe('drop')
  })

  it.each<[string, () => Promise<unknown>]>([
    ['an expired token', () => issuer.token({ exp: 1 })],
    ['a token for another API', () => issuer.token({ aud: 'https://other.test' })],
    ['a token that is none', async () => 'x'],
    ['a token that is no text', async () => ({ toString: 1 })],
  ])('drops a job with %s', async (_case, token) => {
    expect(await take({ token: await token() })).toBe('drop')
  })

  it('tries later where the denylist cannot tell', async () => {
    expect(await take({ token: await issuer.token() }, down)).toBe('later')
  })

  it('tries later where the keys cannot be had', async () => {
    const token = await issuer.token({}, {}, await createSigningKey('not-yet'))
    issuer.intercept = (_req, res) => {
      res.writeHead(503).end()
      return true
    }
    expect(await take({ token })).toBe('later')
    issuer.intercept = undefined
  })
})
