import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  type IssuerOptions,
  type LogoutScope,
  type RevocationStore,
} from '../../lib/index.js'
import { entra } from '../../lib/issuers.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'
import { startLogoutReceiver, type LogoutReceiver } from '../support/logout.js'
import { serve, type RunningServer } from '../../tools/server.js'

const A = '11111111-2222-3333-4444-555555555555'
const B = '66666666-7777-8888-9999-000000000000'
const v2 = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`
const v1 = (tenant: string): string => `https://sts.windows.net/${tenant}/`

const clock = frozenClock()
const keys = createTestIssuer({ clock })
let server: RunningServer | undefined
let receiver: LogoutReceiver | undefined

afterEach(async () => {
  await server?.close()
  await receiver?.close()
  server = undefined
  receiver = undefined
})

/** One set of keys for all names, as Entra has. */
async function startApi(
  issuer: IssuerOptions['issuer'],
  scope?: LogoutScope,
): Promise<RevocationStore> {
  const store = memoryRevocationStore({ clock })
  const app = express()
  app.use(requireBearer({ ...keys.options, issuer }))
  app.post('/logout', logout(store, scope === undefined ? {} : { scope }))
  app.use(jtiBlocklist(store), (_req, res) => void res.end())
  server = await serve(app)
  return store
}

const tokenOf = (iss: string, claims: TestClaims = {}): string =>
  keys.token({ iss, sid: 'session-1', ...claims })

async function statuses(...tokens: readonly string[]): Promise<readonly number[]> {
  const answers: number[] = []
  for (const token of tokens) {
    answers.push((await request(server!.url).get('/').auth(token, { type: 'bearer' })).status)
  }
  return answers
}

async function logOut(token: string): Promise<void> {
  await request(server!.url).post('/logout').auth(token, { type: 'bearer' }).expect(204)
}

const GROUPS = [
  ['the preset of Entra', entra({ tenantIds: [A, B], audience: 'api' }).issuer],
  ['lists of spellings', [[v2(A), v1(A)], [v2(B)], [v1(B)]]],
] as const

describe('logout where an issuer is spelt in several ways', () => {
  it.each(
    GROUPS.flatMap(([name, issuer]) =>
      (['session', 'everywhere'] as const).flatMap((scope) => [
        [name, scope, issuer, v2(A), v1(A)] as const,
        [name, scope, issuer, v1(A), v2(A)] as const,
      ]),
    ),
  )(
    'by %s reaches every spelling and no other tenant, scope %s',
    async (_name, scope, issuer, used, other) => {
      await startApi(issuer, scope)
      const tokens = [used, other, v2(B), v1(B)].map((iss) => tokenOf(iss))
      expect(await statuses(...tokens)).toEqual([200, 200, 200, 200])
      await logOut(tokens[0]!)
      expect(await statuses(...tokens)).toEqual([401, 401, 200, 200])
    },
  )

  it('spares the session that asks to end the others, in either spelling', async () => {
    await startApi([v2(A), v1(A)], 'others')
    const own = tokenOf(v1(A))
    const same = tokenOf(v2(A))
    const elsewhere = tokenOf(v2(A), { sid: 'session-2' })
    await logOut(own)
    expect(await statuses(own, same, elsewhere)).toEqual([200, 200, 401])
  })

  it('ends a token by the id that it has in either spelling', async () => {
    await startApi([v2(A), v1(A)], 'token')
    const token = tokenOf(v1(A), { jti: 'same' })
    const twin = tokenOf(v2(A), { jti: 'same' })
    const another = tokenOf(v1(A), { jti: 'another' })
    await logOut(token)
    expect(await statuses(token, twin, another)).toEqual([401, 401, 200])
  })
})

describe('backChannelLogout where an issuer is spelt in several ways', () => {
  it.each([
    ['session', {}],
    ['user', { sid: undefined }],
  ] as const)(
    'ends the %s for every spelling, whichever it names itself',
    async (_what, claims) => {
      for (const iss of [v2(A), v1(A)]) {
        const store = await startApi([[v2(A), v1(A)], [v2(B)]])
        receiver = await startLogoutReceiver(keys, {
          issuer: [[v2(A), v1(A)], [v2(B)]],
          store,
          clock,
        })
        const tokens = [v2(A), v1(A), v2(B)].map((name) => tokenOf(name))
        expect(
          (await receiver.send(keys.logoutToken({ iss, sid: 'session-1', ...claims }))).status,
        ).toBe(200)
        expect(await statuses(...tokens)).toEqual([401, 401, 200])
        await server?.close()
        await receiver.close()
      }
    },
  )

  it('refuses the spelling of nobody', async () => {
    receiver = await startLogoutReceiver(keys, {
      issuer: [v2(A), v1(A)],
      clock,
    })
    expect((await receiver.send(keys.logoutToken({ iss: v2(B) }))).status).toBe(400)
    expect(receiver.reason()).toBe('unknown_issuer')
  })
})

describe('a call of a store', () => {
  it.each([
    ['the first spelling', { issuer: v2(A) }],
    ['what req.auth of either spelling says', { issuer: v1(A), revocationIssuer: v2(A) }],
  ])('reaches every spelling by %s', async (_how, issuer) => {
    const store = await startApi([v2(A), v1(A)])
    const tokens = [v2(A), v1(A)].map((iss) => tokenOf(iss))
    await store.revokeSubject({ ...issuer, subject: 'user-1' })
    expect(await statuses(...tokens)).toEqual([401, 401])
  })
})
