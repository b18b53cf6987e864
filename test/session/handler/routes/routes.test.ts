import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { invalidToken } from '../../../../lib/core/verdicts/errors.js'
import { createResponder } from '../../../../lib/http/guard/responder.js'
import { createRoutes } from '../../../../lib/session/handler/routes/routes.js'
import { settle } from '../../../support/manual-timer.js'
import { exchangeOf } from '../../../support/exchange.js'

interface Came {
  readonly by: string
  readonly status: number
  readonly allow: unknown
}

async function come(url: string, method = 'GET', originalUrl?: string): Promise<Came> {
  const { req, res } = exchangeOf(url, { method })
  Object.assign(req, originalUrl === undefined ? {} : { originalUrl })
  let by = 'nobody'
  const routes = createRoutes({
    base: '/auth',
    responder: createResponder(optionCheck('tokenHandler'), {}),
    backChannel: { path: 'back', endpoint: () => void (by = 'back channel') },
    table: {
      login: {
        methods: ['GET'],
        route: async (_req, _res, query) => void (by = `login ${query.toString()}`),
      },
      callback: { methods: ['GET', 'POST'], route: async () => invalidToken('session_unknown') },
    },
  })
  routes(req, res, () => void (by = 'next'))
  await settle()
  return { by, status: res.statusCode, allow: res.getHeader('allow') }
}

describe('the routes', () => {
  it.each([
    ['/auth/login', 'login '],
    ['/auth/login?a=1?b&c=%20', 'login a=1%3Fb&c=+'],
    ['/auth/back', 'back channel'],
    ['/auth/back?x', 'back channel'],
    ['/auth', 'next'],
    ['/auth/', 'next'],
    ['/auth/login/', 'next'],
    ['/auth/Login', 'next'],
    ['/auth/constructor', 'next'],
    ['//auth/login', 'next'],
    ['/x/auth/login', 'next'],
  ])('for %s: %s', async (url, by) => {
    expect((await come(url)).by).toBe(by)
  })

  it('go by the whole address, wherever they are mounted', async () => {
    expect((await come('/login', 'GET', '/auth/login')).by).toBe('login ')
    expect((await come('/auth/login', 'GET', '/other/auth/login')).by).toBe('next')
  })

  it('answer another method with 405 and what is allowed', async () => {
    expect(await come('/auth/callback', 'PUT')).toMatchObject({ status: 405, allow: 'GET, POST' })
    expect(await come('/auth/back', 'PUT')).toMatchObject({ by: 'back channel' })
  })

  it('answer a refusal', async () => {
    expect(await come('/auth/callback', 'POST')).toMatchObject({ by: 'nobody', status: 401 })
  })
})
