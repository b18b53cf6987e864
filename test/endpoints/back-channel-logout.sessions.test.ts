import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createVerifier } from '../../lib/fetch.js'
import { createTestIssuer, type TestClaims, type TestIssuer } from '../../lib/testing.js'
import { startLogoutReceiver } from '../support/logout.js'

let issuer: TestIssuer
let issuers = 0
let warnings: unknown[][] = []

beforeEach(() => {
  // Each has a name of its own: by that, what was seen of it is kept for the process.
  issuer = createTestIssuer({ issuer: `https://issuer-${(issuers += 1)}.test` })
  warnings = []
  jest.spyOn(process, 'emitWarning').mockImplementation((...args) => void warnings.push(args))
})

afterEach(() => void jest.restoreAllMocks())

async function take(...tokens: readonly TestClaims[]): Promise<void> {
  const verifier = createVerifier(issuer.options)
  for (const claims of tokens) await verifier.verify(issuer.token(claims))
  verifier.close()
}

/** The codes of warnings after each of two logouts. */
async function logOutTwice(options: object, changes: object): Promise<unknown[]> {
  const receiver = await startLogoutReceiver(issuer, options)
  for (const jti of ['1', '2']) {
    const token = issuer.logoutToken({ sub: 'ann', sid: 's-1', ...changes, jti })
    expect((await receiver.send(token)).status).toBe(200)
  }
  await receiver.close()
  return warnings.filter((warning) => JSON.stringify(warning).includes('ERS_LOGOUT_ENDS_NOTHING'))
}

const BARE = { sub: 'ann', client_id: 'app', sid: undefined }
const OF_SESSION = { sub: 'ann', client_id: 'app', sid: 's-1' }
const OF_MACHINE = { sub: 'app', client_id: 'app', sid: undefined }

describe('a logout by sid', () => {
  it('that ends nothing, since access tokens name no session, is warned of once', async () => {
    await take(BARE)
    const text: unknown = expect.stringMatching(/"sid" into access tokens.*endBy: 'subject'/)
    expect(await logOutTwice({}, {})).toEqual([[text, { code: 'ERS_LOGOUT_ENDS_NOTHING' }]])
  })

  it.each<[string, readonly TestClaims[], object, object]>([
    ['of whose issuer no token was seen', [], {}, {}],
    ['of whose issuer a token names a session', [BARE, OF_SESSION], {}, {}],
    ['the same, in the other order', [OF_SESSION, BARE], {}, {}],
    ['of whose issuer machines alone were seen', [OF_MACHINE], {}, {}],
    ['that ends all of the user', [BARE], { endBy: 'subject' }, {}],
    ['that names no session', [BARE], {}, { sid: undefined }],
  ])('is not warned of: %s', async (_name, tokens, options, changes) => {
    await take(...tokens)
    expect(await logOutTwice(options, changes)).toEqual([])
  })
})
