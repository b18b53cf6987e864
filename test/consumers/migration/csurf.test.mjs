import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import cookieParser from 'cookie-parser'
import csurf from 'csurf'
import express from 'express'
import request from 'supertest'
import { csrfGuard } from 'express-resource-server'

const OURS = { 'sec-fetch-site': 'same-origin' }
const THEIRS = { 'sec-fetch-site': 'cross-site' }
const SIBLING = { 'sec-fetch-site': 'same-site' }
const OLD_OURS = { origin: 'https://app.example.com' }
const OLD_THEIRS = { origin: 'https://evil.example' }

/** Requests with the cookies of a user, as browsers send them: with or without the token of the form. */
const REQUESTS = {
  'a form of our own, with its token': [{ ...OURS }, 'token'],
  'a form of another site': [{ ...THEIRS }, undefined],
  'a form of a sibling subdomain': [{ ...SIBLING }, undefined],
  'a form of another site in an old browser': [{ ...OLD_THEIRS }, undefined],
  'a form of our own in an old browser, with its token': [{ ...OLD_OURS }, 'token'],
  'a form without any hint of where it comes from': [{}, undefined],
  // Where they differ.
  'a form of our own, without a token': [{ ...OURS }, undefined],
  'a form of another site that has got hold of the token': [{ ...THEIRS }, 'token'],
  'a form of a sibling that planted cookie and token': [{ ...SIBLING }, 'token'],
}

/** Answers of csurf that csrfGuard does not give. docs/migrate.md tells of each. */
const DIFFERENCES = {
  'a form of our own, without a token': 403,
  'a form of another site that has got hold of the token': 200,
  'a form of a sibling that planted cookie and token': 200,
}

const before = appWith(cookieParser(), csurf({ cookie: true }))
const after = appWith(csrfGuard({ origin: 'https://app.example.com' }))

describe('csurf', () => {
  for (const [title, [headers, token]] of Object.entries(REQUESTS)) {
    const was = DIFFERENCES[title]
    it(`answers ${was ?? 'as csrfGuard'} to ${title}${was ? ', and ours does not' : ''}`, async () => {
      const answers = [
        await statusOf(before, headers, token),
        await statusOf(after, headers, token),
      ]
      if (was === undefined) assert.equal(answers[0], answers[1])
      else assert.deepEqual([answers[0], answers[0] === answers[1]], [was, false])
    })
  }

  it('leaves pages as they are for a while: req.csrfToken() stays, and says nothing', async () => {
    const bridge = (req, _res, next) => {
      req.csrfToken = () => ''
      next()
    }
    const app = appWith(csrfGuard({ origin: 'https://app.example.com' }), bridge)
    await request(app).get('/').expect(200, '')
    await request(app).post('/').set(OURS).set('cookie', 'sid=1').expect(200)
  })

  it('has error handlers that go on with err.code, by onRefuse', async () => {
    const onRefuse = (error, _req, _res, next) => {
      next(Object.assign(error, { code: 'EBADCSRFTOKEN' }))
    }
    const app = appWith(csrfGuard({ origin: 'https://app.example.com', onRefuse }))
    await request(app).post('/').set(THEIRS).expect(403, 'EBADCSRFTOKEN')
  })
})

function appWith(...guards) {
  const app = express()
  app.use(express.urlencoded({ extended: false }), ...guards)
  app.get('/', (req, res) => void res.send(req.csrfToken?.() ?? ''))
  app.post('/', (_req, res) => void res.sendStatus(200))
  app.use((error, _req, res, _next) => void res.status(error.status ?? 500).send(error.code))
  return app
}

async function statusOf(app, headers, token) {
  const page = await request(app).get('/').set(OURS)
  const cookies = page.headers['set-cookie']?.map((cookie) => cookie.split(';')[0]) ?? []
  const form = token === undefined ? {} : { _csrf: page.text }
  const sent = request(app).post('/').type('form').set(headers)
  return (await sent.set('cookie', ['sid=1', ...cookies].join('; ')).send(form)).status
}
