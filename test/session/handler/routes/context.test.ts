import { expect, it } from '@jest/globals'
import { sendJson } from '../../../../lib/session/handler/routes/context.js'
import { exchangeOf } from '../../../support/exchange.js'

it.each([
  ['GET', '{"name":"é"}'],
  ['HEAD', ''],
])('answers %s with JSON that nobody keeps, and its length in bytes', (method, body) => {
  const exchange = exchangeOf('/', { method })
  sendJson(exchange.res, { name: 'é' })
  expect([exchange.res.statusCode, exchange.body()]).toEqual([200, body])
  expect({ ...exchange.res.getHeaders() }).toEqual({
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'content-length': 13,
  })
})
