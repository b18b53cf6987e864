import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { addVary, ORIGIN_VARY, READ_VARY } from '../../../lib/http/answer/vary.js'

/** `Vary` after adding Cookie and Origin to what was there. */
function added(before?: string | readonly string[]): unknown {
  const res = new ServerResponse(new IncomingMessage(new Socket()))
  if (before !== undefined) res.setHeader('Vary', before)
  addVary(res, ['Cookie', 'Origin'])
  return res.getHeader('Vary')
}

it('names what an unsafe request is judged by', () => {
  expect(ORIGIN_VARY).toEqual(['Origin', 'Sec-Fetch-Site'])
})

it('names what a read is judged by besides what an unsafe request is', () => {
  expect(READ_VARY).toEqual([...ORIGIN_VARY, 'Sec-Fetch-Mode', 'Sec-Fetch-Dest'])
})

describe('addVary', () => {
  it.each([
    ['nothing', undefined, 'Cookie, Origin'],
    ['another name', 'Accept', 'Accept, Cookie, Origin'],
    ['one of the two, in another case', 'cookie', 'cookie, Origin'],
    ['both, without a space', 'ORIGIN,Cookie', 'ORIGIN,Cookie'],
    ['both, with spaces', 'Origin  ,  Cookie', 'Origin  ,  Cookie'],
    ['a longer name', 'Cookies', 'Cookies, Cookie, Origin'],
    ['everything', '*', '*'],
    ['everything among others', 'Accept, *', 'Accept, *'],
    ['several lines', ['Accept', 'Cookie'], 'Accept,Cookie, Origin'],
    ['both, in two lines that stay as they are', ['Cookie', 'Origin'], ['Cookie', 'Origin']],
  ])('beside %s', (_name, before, after) => {
    expect(added(before)).toEqual(after)
  })

  it('leaves an answer alone that is on its way', () => {
    const res = new ServerResponse(new IncomingMessage(new Socket()))
    res.flushHeaders()
    expect(() => addVary(res, ['Cookie'])).not.toThrow()
    expect(res.getHeader('Vary')).toBeUndefined()
  })
})
