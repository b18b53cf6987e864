import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { isOwnPath, sendLeadingPage, sendNotice } from '../../../lib/http/answer/page.js'

function sent(send: (res: ServerResponse) => void): object {
  const res = new ServerResponse(new IncomingMessage(new Socket()))
  let body: unknown
  res.end = (chunk?: unknown) => {
    body = chunk
    return res
  }
  send(res)
  return { status: res.statusCode, headers: { ...res.getHeaders() }, body }
}

const HEADERS = { 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' }

describe('isOwnPath', () => {
  it.each(['/', '/a', '/a/b?c=d&e=[1]#f', '/a//b', '/!~', '/%5C%0A'])('takes %j', (path) => {
    expect(isOwnPath(path)).toBe(true)
  })

  it.each([
    ['another host', '//evil.test'],
    ['another host by a backslash', '/\\evil.test'],
    ['a backslash further on', '/a\\b'],
    ['a tab, which browsers drop', '/\t/evil.test'],
    ['a line end, which browsers drop', '/\n/evil.test'],
    ['a space', '/a b'],
    ['DEL', '/a\u007F'],
    ['letters beyond ASCII', '/caf\u00E9'],
    ['a line end behind it', '/a\n'],
    ['a relative path', 'a'],
    ['a text before it', 'x/a'],
    ['a URL', 'https://evil.test/'],
    ['nothing', ''],
    ['no text', undefined],
    ['a list, as a query may be', ['/a']],
  ])('refuses %s', (_name, path) => {
    expect(isOwnPath(path)).toBe(false)
  })
})

describe('sendLeadingPage', () => {
  it('leads on without a script, and a URL cannot end its quotes', () => {
    expect(sent((res) => sendLeadingPage(res, '/a?b=1&c="><script>\''))).toEqual({
      status: 200,
      headers: HEADERS,
      body: '<!doctype html><meta charset="utf-8"><title>One moment</title><meta http-equiv="refresh" content="0;url=/a?b=1&#38;c=&#34;&#62;&#60;script&#62;&#39;"><p><a href="/a?b=1&#38;c=&#34;&#62;&#60;script&#62;&#39;">Continue</a></p>\n',
    })
  })
})

describe('sendNotice', () => {
  it('says a sentence and leads to the login, and neither is markup', () => {
    expect(sent((res) => sendNotice(res, 403, '<b>No</b>', '/login?"'))).toEqual({
      status: 403,
      headers: HEADERS,
      body: '<!doctype html><meta charset="utf-8"><title>&#60;b&#62;No&#60;/b&#62;</title><p>&#60;b&#62;No&#60;/b&#62;</p><p><a href="/login?&#34;">Log in</a></p>\n',
    })
  })
})
