import { describe, expect, it } from '@jest/globals'
import express, { type Express } from 'express'
import express4 from 'express4'
import request from 'supertest'
import { backChannelLogout, csrfGuard, memoryRevocationStore } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { HOSTS } from '../support/hosts.js'
import { LOGOUT_PATH, startLogoutReceiver } from '../support/logout.js'

const issuer = createTestIssuer()

/** The app and the body parsers of each version: those of Express 4 leave `{}` for what they skip. */
const VERSIONS = [
  ['Express 5', express],
  ['Express 4', express4 as typeof express],
] as const

describe.each(VERSIONS)('backChannelLogout on %s', (_version, host) => {
  it.each<[string, (app: Express) => unknown]>([
    ['no body parser', () => undefined],
    ['express.urlencoded()', (app) => app.use(host.urlencoded({ extended: false }))],
    ['the extended parser', (app) => app.use(host.urlencoded({ extended: true }))],
    ['a parser for JSON only', (app) => app.use(host.json())],
    ['express.text()', (app) => app.use(host.text({ type: '*/*' }))],
    ['express.raw()', (app) => app.use(host.raw({ type: '*/*' }))],
    ['csrfGuard (BCL-28)', (app) => app.use(csrfGuard())],
    ['a strict csrfGuard (BCL-28)', (app) => app.use(csrfGuard({ refuseUserNavigation: true }))],
    [
      'a csrfGuard that asks for a header and exempts it (BCL-28)',
      (app) => app.use(csrfGuard({ mode: 'header', exempt: [LOGOUT_PATH] })),
    ],
  ])('works behind %s', async (_name, mount) => {
    const app = host()
    mount(app)
    const receiver = await startLogoutReceiver(issuer, { app })
    expect((await receiver.send(issuer.logoutToken())).status).toBe(200)
    const twice = `logout_token=${issuer.logoutToken()}&logout_token=x`
    const response = await request(receiver.url).post(LOGOUT_PATH).type('form').send(twice)
    expect(response.status).toBe(400)
    await receiver.close()
  })

  it('says how to mend it where a body was read and not kept', async () => {
    const app = host()
    app.use((req, _res, next) => void req.resume().on('end', next))
    const receiver = await startLogoutReceiver(issuer, { app })
    expect((await receiver.send(issuer.logoutToken())).status).toBe(400)
    const detail = expect.stringContaining('express.urlencoded()')
    expect(receiver.events.at(-1)).toMatchObject({ reason: 'malformed_request', detail })
    await receiver.close()
  })
})

describe.each(HOSTS)('backChannelLogout on $name', ({ start }) => {
  it('takes a logout token', async () => {
    const endpoint = backChannelLogout(memoryRevocationStore(), issuer.logoutOptions)
    const server = await start([endpoint])
    const response = await request(server.url)
      .post('/notes')
      .type('form')
      .send({ logout_token: issuer.logoutToken() })
    expect(response.status).toBe(200)
    endpoint.close()
    await server.close()
  })
})
