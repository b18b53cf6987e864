import { setTimeout } from 'node:timers/promises'
import express from 'express'
import {
  backChannelLogout,
  jtiBlocklist,
  memoryReplayStore,
  memoryRevocationStore,
  requireBearer,
  requireStepUp,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { ANN, BOB } from '../../tools/client-certificates.js'
import { createDpopClient } from '../../tools/dpop-client.js'
import { AUDIENCE, WEB_CLIENT, type RunningIssuer } from '../../tools/real-issuers/issuer.js'
import { startApi, startTlsApi, type Api, type ApiSetup } from './api.js'
import { PATH, type LogoutReceiver } from './logout-receiver.js'

/** What was seen, beside what must be; or nothing, where the server has not what it takes. */
export type Outcome = readonly [seen: readonly unknown[], wanted: readonly unknown[]] | undefined

export interface Column {
  readonly name: string
  judge(issuer: RunningIssuer, receiver: LogoutReceiver): Promise<Outcome>
}

const QUIET = { advice: false }

async function withApi<T>(
  issuer: RunningIssuer,
  setup: ApiSetup,
  use: (api: Api) => Promise<T>,
): Promise<T> {
  const api = await startApi(issuer, setup)
  try {
    return await use(api)
  } finally {
    await api.close()
  }
}

/** Without `jti`, two tokens of one second may be the very same. */
async function anotherToken(issuer: RunningIssuer): Promise<string> {
  await setTimeout(1100)
  return (await issuer.token?.()) ?? ''
}

const isEncrypted = (token: string): boolean => token.split('.').length === 5

const discovery: Column = {
  name: 'discovery',
  judge: (issuer) =>
    withApi(issuer, {}, async ({ guard }) => {
      const ready = await guard.ready().then(() => 'ready', String)
      return [[ready], ['ready']]
    }),
}

/** For this API, and for no other. */
const jwt: Column = {
  name: 'JWT',
  async judge(issuer) {
    const token = await issuer.token?.()
    if (token === undefined) return undefined
    const here = await withApi(issuer, {}, (api) => api.send(token))
    const options = { audience: 'https://elsewhere.example' }
    const elsewhere = await withApi(issuer, { options }, (api) => api.send(token))
    return [
      [here, elsewhere],
      [200, 401],
    ]
  },
}

const profile: Column = {
  name: 'rfc9068',
  async judge(issuer) {
    const token = await issuer.token?.()
    if (token === undefined) return undefined
    const status = await withApi(issuer, { options: { profile: 'rfc9068' } }, (api) =>
      api.send(token),
    )
    return [[status], [200]]
  },
}

const encrypted: Column = {
  name: 'encrypted',
  async judge(issuer) {
    const token = (await issuer.token?.()) ?? ''
    if (!isEncrypted(token)) return undefined
    const status = await withApi(issuer, {}, (api) => api.send(token))
    return [[status], [200]]
  },
}

const rotation: Column = {
  name: 'rotation',
  async judge(issuer) {
    const { token, rotate } = issuer
    if (token === undefined || rotate === undefined) return undefined
    return withApi(issuer, {}, async (api) => {
      const before = await api.send(await token())
      await rotate()
      return [
        [before, await api.send(await token())],
        [200, 200],
      ]
    })
  },
}

const ended: Column = {
  name: 'logout',
  async judge(issuer) {
    const token = await issuer.token?.()
    if (token === undefined) return undefined
    const other = await anotherToken(issuer)
    return withApi(issuer, {}, async (api) => {
      const answer = await api.send(token, { method: 'POST', path: '/logout' })
      return [
        [answer, await api.send(token), await api.send(other)],
        [204, 401, 200],
      ]
    })
  },
}

/** The session ends at the server, and its access token with it; another session goes on. */
const backChannel: Column = {
  name: 'back-channel',
  async judge({ url: issuer, settings, logIn, logout = {} }, receiver) {
    if (logIn === undefined) return undefined
    const store = memoryRevocationStore()
    const trusted = { issuer, audience: AUDIENCE, ...settings, ...QUIET }
    const guard = requireBearer(trusted as RequireBearerOptions)
    const endpoint = backChannelLogout(store, {
      issuer,
      clientId: WEB_CLIENT.id,
      ...logout,
      ...QUIET,
    })
    const app = express()
    app.post(PATH, endpoint)
    app.get('/', guard, jtiBlocklist(store), (_req, res) => void res.json({}))
    receiver.handler = app
    const status = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, connection: 'close' }
      return (await fetch(new URL('/', receiver.url), { headers })).status
    }
    const user = await logIn()
    const before = await status(user.accessToken)
    const answered = receiver.answered()
    await user.logOut()
    await answered
    const after = await status(user.accessToken)
    guard.close()
    endpoint.close()
    return [
      [before, after],
      [200, 401],
    ]
  },
}

/** Asked at each request, so that an end at the server is seen at once. */
function introspection({ asking }: RunningIssuer, everything: boolean): object {
  return { introspection: { ...asking, for: everything ? 'all' : 'opaque', cacheSeconds: 0 } }
}

const opaque: Column = {
  name: 'opaque',
  async judge(issuer) {
    const { opaqueToken, opaqueSettings, revoke } = issuer
    const token = await opaqueToken?.()
    if (token === undefined || revoke === undefined) return undefined
    const options = { ...introspection(issuer, false), ...opaqueSettings }
    return withApi(issuer, { options }, async (api) => {
      const before = await api.send(token)
      await revoke(token)
      return [
        [before, await api.send(token), await api.send('made-up')],
        [200, 401, 401],
      ]
    })
  },
}

/** A JWT that the server has revoked is good by its signature alone. */
const revoked: Column = {
  name: 'revoked',
  async judge(issuer) {
    const { asking, revoke } = issuer
    const token = await issuer.token?.()
    if (token === undefined || asking === undefined || revoke === undefined) return undefined
    return withApi(issuer, { options: introspection(issuer, true) }, async (api) => {
      const before = await api.send(token)
      await revoke(token)
      return [
        [before, await api.send(token), await withApi(issuer, {}, (alone) => alone.send(token))],
        [200, 401, 200],
      ]
    })
  },
}

const now = (): number => Date.now() / 1000

const proofsAt = (origin: string): object => ({ origin, dpop: { replay: memoryReplayStore() } })

/** With its proof once, never twice, and never as a plain bearer token. */
const dpop: Column = {
  name: 'DPoP',
  async judge(issuer) {
    const { dpopToken } = issuer
    if (dpopToken === undefined) return undefined
    return withApi(issuer, { optionsAt: proofsAt }, async (api) => {
      const client = await createDpopClient({ url: `${api.url}/`, clock: now })
      const token = await dpopToken(client)
      const how = { scheme: 'DPoP', headers: { dpop: await client.proof(token) } }
      return [
        [await api.send(token, how), await api.send(token, how), await api.send(token)],
        [200, 401, 401],
      ]
    })
  },
}

const mtls: Column = {
  name: 'mTLS',
  async judge(issuer) {
    const token = await issuer.certificateToken?.(ANN)
    if (token === undefined) return undefined
    const api = await startTlsApi(issuer)
    const seen = [await api.send(token, ANN), await api.send(token, BOB), await api.send(token)]
    api.close()
    return [seen, [200, 401, 401]]
  },
}

const stepUp: Column = {
  name: 'step-up',
  async judge(issuer) {
    const { logIn } = issuer
    if (logIn === undefined) return undefined
    const guards = [requireStepUp({ acr: 'mfa', maxAgeSeconds: 300 })]
    return withApi(issuer, { guards }, async (api) => {
      const weak = await logIn()
      const strong = await logIn('mfa')
      return [
        [await api.send(weak.accessToken), await api.send(strong.accessToken)],
        [401, 200],
      ]
    })
  },
}

/** Ends the server, so it comes last: held keys serve on, and who has none cannot know. */
const outage: Column = {
  name: 'outage',
  async judge(issuer) {
    const token = await issuer.token?.()
    if (token === undefined) return undefined
    const unseen = await anotherToken(issuer)
    return withApi(issuer, {}, async (api) => {
      const before = await api.send(token)
      await issuer.stop()
      const cold = await withApi(issuer, {}, (other) => other.send(unseen))
      return [
        [before, await api.send(token), await api.send(unseen), cold],
        [200, 200, 200, 503],
      ]
    })
  },
}

export const COLUMNS: readonly Column[] = [
  discovery,
  jwt,
  profile,
  encrypted,
  rotation,
  ended,
  backChannel,
  opaque,
  revoked,
  dpop,
  mtls,
  stepUp,
  outage,
]
