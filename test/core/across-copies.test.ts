import { describe, expect, it, jest } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import * as browser from '../../lib/browser.js'
import * as main from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

jest.resetModules()
const otherMain = await import('../../lib/index.js')
const otherBrowser = await import('../../lib/browser.js')

describe('two copies of this package in one process', () => {
  it('know the errors of each other by class', () => {
    expect(otherMain.AuthError).not.toBe(main.AuthError)
    const refusal = new otherMain.AuthError('no_credential', { reason: 'no_credential' })
    expect(refusal).toBeInstanceOf(main.AuthError)
    expect(new otherMain.RevocationUnavailable('down')).toBeInstanceOf(main.RevocationUnavailable)
    expect(new otherBrowser.TokenCookieTooLarge('4097')).toBeInstanceOf(browser.TokenCookieTooLarge)
  })

  it.each([new Error('another'), undefined, null, 'RevocationUnavailable', {}])(
    'take %p for none of them',
    (value) => {
      expect(value instanceof main.RevocationUnavailable).toBe(false)
      expect(value instanceof browser.TokenCookieTooLarge).toBe(false)
    },
  )

  it('leave the classes that an app derives their own meaning', () => {
    class StoreDown extends main.RevocationUnavailable {}
    expect(new StoreDown('down')).toBeInstanceOf(StoreDown)
    expect(new StoreDown('down')).toBeInstanceOf(otherMain.RevocationUnavailable)
    expect(new main.RevocationUnavailable('down') instanceof StoreDown).toBe(false)
  })

  it('guard one app together: a token verified by one is judged by the guards of the other', async () => {
    const issuer = createTestIssuer()
    const guard = main.requireBearer(issuer.options)
    const app = express()
    app.use(guard)
    app.get('/read', otherMain.requireScope('read'), (req, res) => {
      res.send(otherMain.authOf(req).subject)
    })
    app.get('/write', otherMain.requireScope('write'))
    const token = issuer.token({ scope: 'read' })
    const read = await request(app).get('/read').auth(token, { type: 'bearer' })
    expect([read.status, read.text]).toEqual([200, 'user-1'])
    const write = await request(app).get('/write').auth(token, { type: 'bearer' })
    expect([write.status, write.body]).toMatchObject([403, { error: 'insufficient_scope' }])
    guard.close()
  })

  it('answer 503 where the store of one says to the other that it cannot know', async () => {
    const issuer = createTestIssuer()
    const store = main.memoryRevocationStore()
    store.check = () =>
      Promise.reject(new otherMain.RevocationUnavailable('down', { retryAfterSeconds: 7 }))
    const guard = main.requireBearer(issuer.options)
    const app = express()
    app.use(guard, main.jtiBlocklist(store))
    const answer = await issuer.authed(request(app).get('/'))
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7'])
    guard.close()
  })
})
