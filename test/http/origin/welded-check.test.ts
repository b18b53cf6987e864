import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  compileWeldedCheck,
  WELDED_CHECK_NAMES,
  weldedVary,
} from '../../../lib/http/origin/welded-check.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'

const check = optionCheck('requireBearer')

describe('compileWeldedCheck', () => {
  it('trusts no other origin, and isolates reads, unless told otherwise', () => {
    expect(compileWeldedCheck(check, 'cookie', {})).toEqual({
      own: new Set(),
      trusted: new Set(),
      isolateReads: true,
      refuseUserNavigation: false,
      headerName: 'x-csrf',
    })
  })

  it('does as it is told', () => {
    const options = {
      origin: 'https://api.test',
      trustedOrigins: ['https://app.test'],
      isolateReads: false,
    }
    expect(compileWeldedCheck(check, 'cookie', options)).toMatchObject({
      own: new Set(['https://api.test']),
      trusted: new Set(['https://app.test']),
      isolateReads: false,
    })
  })

  it.each(['origin', 'trustedOrigins', 'isolateReads'])('lets an app say "%s"', (name) => {
    expect(() => check.known({ [name]: true }, WELDED_CHECK_NAMES)).not.toThrow()
  })

  it.each([
    ['origin', 'https://api.test/'],
    ['trustedOrigins', ['app.test']],
    ['isolateReads', 'no'],
  ])('names the option that holds a bad "%s"', (name, value) => {
    const compile = (): unknown => compileWeldedCheck(check, 'header', { [name]: value })
    expect(compile).toThrow(new RegExp(`^requireBearer: "header\\.${name}" must `))
  })
})

describe('weldedVary', () => {
  const UNSAFE = ['Origin', 'Sec-Fetch-Site']
  const READ = [...UNSAFE, 'Sec-Fetch-Mode', 'Sec-Fetch-Dest']

  it.each([
    ['GET', {}, READ],
    ['HEAD', {}, READ],
    ['POST', {}, UNSAFE],
    ['a handshake, which is a GET by name', { upgrade: 'websocket' }, UNSAFE],
  ])('names the headers by which %s is judged', (method, headers, expected) => {
    const init = { method: method.startsWith('a') ? 'GET' : method, headers }
    const head = new FetchHead(new Request('https://api.test', init))
    expect(weldedVary(head)).toEqual(expected)
  })
})
