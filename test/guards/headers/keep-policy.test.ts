import type { ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import express, { type Express } from 'express'
import request from 'supertest'
import { keepPolicy } from '../../../lib/guards/headers/keep-policy.js'
import { securityHeaders } from '../../../lib/index.js'
import { exchangeOf } from '../../support/exchange.js'
import { EXPRESS_VERSIONS } from '../../support/express-versions.js'

function appWith(createApp: () => Express, preset: 'api' | 'web'): Express {
  const app = createApp()
  app.use(securityHeaders({ preset }))
  app.get('/', (_req, res) => void res.send('ok'))
  app.get('/crash', () => {
    throw new Error('handler failed')
  })
  return app.use(express.static('.'))
}

describe.each(EXPRESS_VERSIONS)('the pages of %s itself', (_version, createApp) => {
  it.each([
    ['api', '/missing', 404, "frame-ancestors 'none'"],
    ['api', '/crash', 500, "frame-ancestors 'none'"],
    ['web', '/missing', 404, "frame-ancestors 'none'"],
    ['web', '/crash', 500, "form-action 'self'"],
    ['web', '/test', 301, "frame-ancestors 'none'"],
  ] as const)(
    'keeps the policy of %s beside the one that Express puts over it: %s',
    async (preset, path, status, directive) => {
      const app = appWith(createApp, preset)
      const response = await request(app).get(path)
      expect(response.status).toBe(status)
      const policy = response.headers['content-security-policy']
      expect(policy).toContain("default-src 'none', default-src ")
      expect(policy).toContain(directive)
      const others = await request(app).get('/')
      const sent = Object.keys(others.headers).filter((name) => /^(?:x-|cross|ref)/.test(name))
      expect(Object.keys(response.headers)).toEqual(expect.arrayContaining(sent))
    },
  )

  it('adds no policy to the one that a page has of its own', async () => {
    const app = createApp()
    app.use(securityHeaders({ preset: 'web' }))
    app.get('/', (_req, res) => {
      res.setHeader('Content-Security-Policy', "default-src 'none'")
      res.send('ok')
    })
    const { headers } = await request(app).get('/')
    expect(headers['content-security-policy']).toBe("default-src 'none'")
  })
})

describe('a policy that is kept', () => {
  const NAME = 'Content-Security-Policy'
  const OURS = "default-src 'self'"
  const HOSTS = "default-src 'none'"

  it.each<[number, string, string]>([
    [200, HOSTS, HOSTS],
    [299, HOSTS, HOSTS],
    [300, HOSTS, `${HOSTS}, ${OURS}`],
    [404, HOSTS, `${HOSTS}, ${OURS}`],
    [404, "default-src 'self' cdn.test", "default-src 'self' cdn.test"],
  ])('stands at a status of %d beside that of the host alone: %s', (status, sent, expected) => {
    const { res } = exchangeOf()
    keepPolicy(res, [NAME, OURS])
    res.setHeader(NAME, sent)
    expect(res.writeHead(status, { 'X-Other': 'kept' })).toBe(res)
    expect([res.statusCode, res.getHeader(NAME)]).toEqual([status, expected])
    expect(res.getHeader('X-Other')).toBe('kept')
  })

  it('asks nothing of a response that has no status line to write', () => {
    const made = {} as ServerResponse
    keepPolicy(made, [NAME, OURS])
    expect(made).toEqual({})
  })
})
