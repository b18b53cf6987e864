import { expect, it } from '@jest/globals'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { answer, answerOtherMethods } from '../../../lib/signals/delivery/answer.js'

interface Answered {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly body: () => unknown
}

function exchange(method = 'POST', complete = true): Answered {
  const req = Object.assign(new IncomingMessage(new Socket()), { method, complete })
  const res = new ServerResponse(req)
  let body: unknown
  const end = res.end.bind(res)
  res.end = ((chunk?: unknown) => {
    body = chunk
    return end()
  }) as typeof res.end
  return { req, res, body: () => body }
}

it('takes a POST, and answers nothing yet', () => {
  const { req, res } = exchange()
  expect(answerOtherMethods(req, res)).toBe(false)
  expect(res.headersSent).toBe(false)
})

it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('refuses %s and says what it takes', (method) => {
  const { req, res } = exchange(method)
  expect(answerOtherMethods(req, res)).toBe(true)
  expect(res.statusCode).toBe(405)
  expect(res.getHeader('allow')).toBe('POST')
})

it('answers without a body, and is kept by no cache', () => {
  const { req, res, body } = exchange()
  answer(req, res, 202)
  expect([res.statusCode, body()]).toEqual([202, ''])
  expect(res.getHeaders()).toMatchObject({ 'cache-control': 'no-store', 'content-length': 0 })
  expect(res.hasHeader('content-type')).toBe(false)
  expect(res.hasHeader('connection')).toBe(false)
})

it('has no length where the status has no body (RFC 9110 §8.6)', () => {
  const { req, res } = exchange()
  answer(req, res, 204)
  expect(res.hasHeader('content-length')).toBe(false)
})

it('answers JSON in English, with its length in bytes', () => {
  const { req, res, body } = exchange()
  answer(req, res, 400, { err: 'é' })
  expect(body()).toBe('{"err":"é"}')
  expect(res.getHeaders()).toMatchObject({
    'content-type': 'application/json',
    'content-language': 'en',
    'content-length': 12,
  })
})

it('sends no body to HEAD', () => {
  const { req, res, body } = exchange('HEAD')
  answer(req, res, 400, { err: 'x' })
  expect(body()).toBeUndefined()
})

it('gives a connection up whose body is still on its way', () => {
  const { req, res } = exchange('POST', false)
  answer(req, res, 400)
  expect(res.getHeader('connection')).toBe('close')
})

it('leaves an answer alone that somebody else has sent', () => {
  const { req, res } = exchange()
  answer(req, res, 202)
  answer(req, res, 503)
  expect(res.statusCode).toBe(202)
})
