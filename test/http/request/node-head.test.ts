import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { NodeHead } from '../../../lib/http/request/node-head.js'

/** A request by Node's parser. */
function headOf(parts: object = {}, socket = new Socket()): NodeHead {
  return new NodeHead(Object.assign(new IncomingMessage(socket), parts))
}

/** A request that Node's parser did not make. */
function madeHead(parts: object): NodeHead {
  return new NodeHead({ headers: {}, ...parts } as IncomingMessage)
}

describe('NodeHead', () => {
  it('says what the client asked for, and what middlewares have made of it', () => {
    const head = headOf({ method: 'GET', originalMethod: 'POST', url: '/b', originalUrl: '/a/b' })
    expect([head.method, head.originalMethod]).toEqual(['GET', 'POST'])
    expect([head.url, head.target]).toEqual(['/b', '/a/b'])
    expect(headOf({ url: '/b' }).target).toBe('/b')
  })

  it('is empty where a request says nothing', () => {
    const head = madeHead({})
    expect([head.method, head.url, head.target, head.address]).toEqual(['', '', '', ''])
    expect([head.originalMethod, head.request, head.gone]).toEqual([undefined, undefined, false])
  })

  it.each([
    ['one value', 'origin', 'a', 'a'],
    ['several, as a comma would join them', 'origin', ['a', 'b'], 'a, b'],
    ['cookies, as a semicolon would', 'cookie', ['a=1', 'b=2'], 'a=1; b=2'],
    ['none', 'origin', undefined, undefined],
  ])('reads a header: %s', (_name, name, value, expected) => {
    expect(headOf({ headers: { [name]: value } }).header(name)).toBe(expected)
  })

  it('keeps the lines of a header apart, by their names in any case', () => {
    const rawHeaders = ['DPoP', 'a', 'X', 'dpop', 'dpop', 'b', 'dpop', 'dpop']
    const head = headOf({ rawHeaders })
    expect(head.headerLines('dpop')).toEqual(['a', 'b', 'dpop'])
    expect(head.headerLines('y')).toEqual([])
  })

  it.each([
    [undefined, []],
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  ])('takes the lines of a request that was made by hand: %j', (value, lines) => {
    expect(madeHead({ headers: { dpop: value } }).headerLines('dpop')).toEqual(lines)
  })

  it('is of one request, by which guards know each other', () => {
    const req = new IncomingMessage(new Socket())
    expect(new NodeHead(req).request).toBe(req)
    expect(new NodeHead(Object.create(null) as IncomingMessage).request).toBeUndefined()
  })

  it('knows address and connection, whatever headers say', () => {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '192.0.2.1' })
    const head = headOf({ headers: { 'x-forwarded-for': '192.0.2.9' } }, socket)
    expect([head.client.address, head.peer.address]).toEqual(['192.0.2.1', '192.0.2.1'])
    expect(headOf({ ip: '192.0.2.7' }, socket).address).toBe('192.0.2.7')
  })

  it('goes by the origin of a proxy that the app trusts', () => {
    const app = { get: () => () => true }
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.test' }
    expect(headOf({ app, headers }).proxiedOrigin).toBe('https://api.test')
    expect(headOf({ headers }).proxiedOrigin).toBeUndefined()
  })

  it('says when nobody waits any more: by its socket, since a request that was read is destroyed too', () => {
    const [open, closed] = [new Socket(), new Socket().destroy()]
    expect(headOf({ destroyed: true }, open).client.gone).toBe(false)
    expect(headOf({}, closed).client.gone).toBe(true)
  })
})
