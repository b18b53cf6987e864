import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { forwardableHeaders } from '../../lib/browser/forwardable-headers.js'

const forwarded = (headers: object, options: object = {}): object =>
  forwardableHeaders({ headers } as unknown as IncomingMessage, { cookies: ['sid'], ...options })

describe('a header of the client', () => {
  it.each([
    'accept',
    'accept-charset',
    'accept-encoding',
    'accept-language',
    'b3',
    'baggage',
    'cache-control',
    'content-digest',
    'content-disposition',
    'content-encoding',
    'content-language',
    'content-length',
    'content-location',
    'content-range',
    'content-type',
    'dnt',
    'idempotency-key',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'last-event-id',
    'origin',
    'pragma',
    'prefer',
    'priority',
    'range',
    'referer',
    'repr-digest',
    'sec-fetch-dest',
    'sec-fetch-mode',
    'sec-fetch-site',
    'sec-fetch-user',
    'sec-gpc',
    'traceparent',
    'tracestate',
    'uber-trace-id',
    'user-agent',
    'x-amzn-trace-id',
    'x-b3-flags',
    'x-b3-parentspanid',
    'x-b3-sampled',
    'x-b3-spanid',
    'x-b3-traceid',
    'x-cloud-trace-context',
    'x-correlation-id',
    'x-request-id',
  ])('%s reaches the server behind us', (name) => {
    expect(forwarded({ [name]: 'x' })).toEqual({ [name]: 'x' })
  })

  it('that has no place in the list does not', () => {
    expect(forwarded({ 'x-other': 'x', authorization: 'x', host: 'x', te: 'x' })).toEqual({})
    expect(forwarded({ authorization: 'x' }, { authorization: true })).toEqual({
      authorization: 'x',
    })
  })

  it('that Connection names is of this connection, however it is spelt', () => {
    const headers = { connection: 'close, Accept ,Range', accept: 'x', range: 'x', pragma: 'x' }
    expect(forwarded(headers)).toEqual({ pragma: 'x' })
  })

  it('of several lines is one, and an empty or a missing one is none', () => {
    const headers = {
      'accept-language': ['de', 'en'],
      accept: undefined,
      range: '',
      cookie: 'sid=1',
    }
    expect(forwarded(headers)).toEqual({ 'accept-language': 'de, en' })
  })

  it.each([
    'connection',
    'host',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ])('%s is of one connection, and no app can name it', (name) => {
    expect(() => forwarded({}, { headers: [name] })).toThrow('"headers" must name no header of one')
  })
})
