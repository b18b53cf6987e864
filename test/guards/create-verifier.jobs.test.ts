import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createVerifier, type Verifier } from '../../lib/fetch.js'
import { AuthError, RevocationUnavailable } from '../../lib/index.js'
import { createTestIssuer, testRevocationStore } from '../../lib/testing.js'

const issuer = createTestIssuer()
let verifier: Verifier
const store = testRevocationStore()

beforeAll(async () => {
  await issuer.listen()
  verifier = createVerifier(issuer.options)
})

afterAll(() => verifier.close())

/** The recipe of docs/streams.md. */
async function take(job: { token: unknown }): Promise<'done' | 'drop' | 'later'> {
  // A message may hold anything.
  if (typeof job.token !== 'string') return 'drop'
  try {
    const auth = await verifier.verify(job.token)
    if ((await store.check(auth)).revoked) return 'drop'
    return 'done'
  } catch (error) {
    if (error instanceof RevocationUnavailable) return 'later'
    if (error instanceof AuthError) return error.family === 'dependency' ? 'later' : 'drop'
    throw error
  }
}

describe('the recipe for queues and jobs', () => {
  it('does a job whose token is good, and drops it once that was revoked', async () => {
    const token = issuer.token()
    expect(await take({ token })).toBe('done')
    await store.revokeToken(await verifier.verify(token))
    expect(await take({ token })).toBe('drop')
  })

  it.each<[string, () => unknown]>([
    ['an expired token', () => issuer.expired()],
    ['a token for another API', () => issuer.wrongAudience()],
    ['a token that is none', () => 'x'],
    ['a token that is no text', () => ({ toString: 1 })],
  ])('drops a job with %s', async (_case, token) => {
    expect(await take({ token: token() })).toBe('drop')
  })

  it('tries later where the denylist cannot tell', async () => {
    store.outage()
    expect(await take({ token: issuer.token() })).toBe('later')
    store.recover()
  })

  it('tries later where the keys cannot be had', async () => {
    await issuer.outage('500')
    expect(await take({ token: issuer.token({}, { kid: 'not-yet' }) })).toBe('later')
    await issuer.recover()
  })
})
