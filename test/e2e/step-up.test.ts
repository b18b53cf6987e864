import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import {
  allowInsecureRequests,
  protectedResourceRequest,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi'
import { hushAdvice } from '../../examples/demo/hush-advice.js'
import {
  authOf,
  clientSecretBasic,
  requireBearer,
  requireStepUp,
  type BearerGuard,
} from '../../lib/index.js'
import { serve, type RunningServer } from '../../tools/server.js'
import {
  AUDIENCE,
  RESOURCE_SERVER,
  startStepUpProvider,
  type StepUpProvider,
} from '../../tools/step-up-provider.js'

/** What came of a request: that it passed, or what its challenge asks for. */
type Asked = 'passed' | Readonly<Record<string, string | undefined>>

describe.each(['jwt', 'opaque'] as const)('step-up with a real OpenID provider, %s', (format) => {
  let provider: StepUpProvider
  let guard: BearerGuard
  let api: RunningServer

  beforeAll(async () => {
    hushAdvice()
    provider = await startStepUpProvider(format)
    const clientAuth = clientSecretBasic(RESOURCE_SERVER.secret)
    guard = requireBearer({
      issuer: provider.issuer,
      audience: AUDIENCE,
      ...(format === 'opaque' && { introspection: { clientId: RESOURCE_SERVER.id, clientAuth } }),
    })
    const app = express()
    app.use(guard)
    app.get('/balance', (req, res) => void res.json({ owner: authOf(req).subject }))
    app.get('/transfers', requireStepUp({ acr: 'mfa' }), (_req, res) => void res.json({}))
    app.get('/limits', requireStepUp({ maxAgeSeconds: 300 }), (_req, res) => void res.json({}))
    api = await serve(app)
  })

  afterEach(() => {
    provider.loggedInSecondsAgo = 0
  })

  afterAll(async () => {
    guard.close()
    await api.close()
    await provider.close()
  })

  async function ask(path: string, token: string): Promise<Asked> {
    const url = new URL(path, api.url)
    const options = { [allowInsecureRequests]: true }
    try {
      await protectedResourceRequest(token, 'GET', url, undefined, undefined, options)
      return 'passed'
    } catch (error) {
      if (!(error instanceof WWWAuthenticateChallengeError)) throw error
      return { status: String(error.status), ...error.cause[0]?.parameters }
    }
  }

  const WANTED = { status: '401', error: 'insufficient_user_authentication' }

  it('asks for a second factor, and takes the token of the login it asked for (9470-01, 9470-02)', async () => {
    const browser = provider.openBrowser()
    const { accessToken } = await browser.logIn()
    expect(await ask('/balance', accessToken)).toBe('passed')
    const challenge = await ask('/transfers', accessToken)
    expect(challenge).toMatchObject({ ...WANTED, acr_values: 'mfa' })

    const { acr_values = '' } = challenge as Record<string, string>
    const before = provider.logins
    const stronger = await browser.logIn({ acr_values })
    expect(provider.logins).toBe(before + 1)
    expect(await ask('/transfers', stronger.accessToken)).toBe('passed')
    expect(await ask('/transfers', accessToken)).toMatchObject(WANTED)

    // The session is strong now: nobody is asked again.
    const again = await browser.logIn({ acr_values })
    expect(provider.logins).toBe(before + 1)
    expect(await ask('/transfers', again.accessToken)).toBe('passed')
  })

  it('asks for a recent login, which no refreshed token is (9470-03, 9470-06, 9470-07)', async () => {
    provider.loggedInSecondsAgo = 3600
    const browser = provider.openBrowser()
    const session = await browser.logIn()
    const challenge = await ask('/limits', session.accessToken)
    expect(challenge).toMatchObject({ ...WANTED, max_age: '300' })
    expect(await ask('/limits', await session.refresh())).toMatchObject(WANTED)

    const { max_age = '' } = challenge as Record<string, string>
    const recent = await browser.logIn({ max_age })
    expect(await ask('/limits', recent.accessToken)).toBe('passed')
    expect(await ask('/limits', await recent.refresh())).toBe('passed')
  })
})
