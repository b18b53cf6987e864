import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  clientSecretBasic,
  type AuthError,
  type IntrospectionOptions,
} from '../../../../lib/index.js'
import type { VerifiedToken } from '../../../../lib/tokens/access/entries.js'
import { createIntrospection } from '../../../../lib/tokens/introspection/create.js'
import { createIssuers } from '../../../../lib/tokens/issuers/create.js'
import { NO_PROOFS } from '../../../../lib/tokens/proof/binding/possession.js'
import {
  CLIENT,
  startIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../../../../tools/introspecting-issuer.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'

const start = 1_800_000_000
let now = start
let issuer: IntrospectingIssuer
let timer: ManualTimer
const closing: (() => void)[] = []
const clock = (): number => now
const emit = (): void => undefined

beforeAll(async () => {
  issuer = await startIntrospectingIssuer({ clock: () => now })
})

beforeEach(() => {
  now = start
  timer = manualTimer()
  issuer.answers.clear()
  issuer.calls.length = 0
  issuer.respond = undefined
})

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

afterAll(async () => {
  await issuer.close()
})

/** Lets a token in, as the guard does at the begin of a stream. */
async function letIn(
  token: string,
  options: Partial<IntrospectionOptions> = {},
): Promise<VerifiedToken> {
  const check = optionCheck('requireBearer')
  const trusted = { issuer: issuer.url, audience: issuer.audience, clockToleranceSeconds: 0 }
  const issuers = createIssuers(trusted, { check, timer, emit })
  const introspection = {
    clientId: CLIENT.id,
    clientAuth: clientSecretBasic(CLIENT.secret),
    ...options,
  }
  const context = {
    issuers,
    clock,
    timer,
    emit,
    possession: NO_PROOFS,
    verifiedTokens: { maxEntries: 10, maxBytes: 1e6 },
  }
  const { verifier, close } = createIntrospection(check, introspection, trusted, context)
  closing.push(close, () => issuers.close())
  const verdict = await verifier.verify({ token, transport: 'header' }, `Bearer ${token}`)
  expect(verdict).not.toBeInstanceOf(Error)
  return verdict as VerifiedToken
}

/** Undefined where the stream may go on. */
async function reasonAgain(token: VerifiedToken): Promise<string | undefined> {
  const again = await token.again!()
  return (again as Partial<AuthError>).reason
}

async function pass(seconds: number): Promise<void> {
  now += seconds
  await timer.advance(seconds * 1000)
}

describe('the token of a stream, about which its issuer was asked', () => {
  it.each([
    ['opaque', async () => issuer.opaque({ exp: start + 3600 }), {}],
    ['a JWT', async () => jwt(), { for: 'all' } as const],
  ])('is asked about again after 30 seconds (%s)', async (_kind, made, options) => {
    const token = await made()
    const stream = await letIn(token, options)
    issuer.answers.set(token, { active: false })
    await pass(29)
    expect(await reasonAgain(stream)).toBeUndefined()
    expect(issuer.calls).toHaveLength(1)
    await pass(1)
    expect(await reasonAgain(stream)).toBe('inactive_token')
    expect(issuer.calls).toHaveLength(2)
  })

  it('is asked about no sooner than its answer is stale', async () => {
    const stream = await letIn(issuer.opaque({ exp: start + 3600 }), { cacheSeconds: 60 })
    await pass(59)
    expect(await reasonAgain(stream)).toBeUndefined()
    expect(issuer.calls).toHaveLength(1)
    await pass(1)
    expect(await reasonAgain(stream)).toBeUndefined()
    expect(issuer.calls).toHaveLength(2)
  })

  it('is asked about again and again, each time by what was said last', async () => {
    const token = issuer.opaque({ exp: start + 3600 })
    let stream = await letIn(token)
    for (let turn = 0; turn < 3; turn += 1) {
      await pass(30)
      stream = (await stream.again!()) as VerifiedToken
    }
    expect(issuer.calls).toHaveLength(4)
    issuer.answers.set(token, { active: false })
    await pass(30)
    expect(await reasonAgain(stream)).toBe('inactive_token')
  })

  it('is refused by its time without a question', async () => {
    const stream = await letIn(issuer.opaque({ exp: start + 20 }))
    await pass(21)
    expect(await reasonAgain(stream)).toBe('expired')
    expect(issuer.calls).toHaveLength(1)
  })

  it('is unknown, and not refused, while the issuer does not answer', async () => {
    const stream = await letIn(issuer.opaque({ exp: start + 3600 }))
    issuer.respond = (_call, res) => void res.destroy()
    await pass(31)
    const again = await stream.again!()
    expect(again).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
  })

  it('is unknown once its guard was closed', async () => {
    const stream = await letIn(issuer.opaque({ exp: start + 3600 }))
    for (const close of closing) close()
    await pass(31)
    const again = await stream.again!()
    expect(again).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
  })

  it('that is a JWT is judged by its key as well', async () => {
    const stream = await letIn(await jwt(), { for: 'all' })
    for (const close of closing) close()
    expect(await stream.again!()).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })
})

async function jwt(): Promise<string> {
  const token = await issuer.token({ exp: start + 3600, iat: start })
  const sample = issuer.answers.get(issuer.opaque({ exp: start + 3600 })) as object
  issuer.answers.set(token, { ...sample, exp: start + 3600, iat: start })
  return token
}
