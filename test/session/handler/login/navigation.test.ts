import { describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../../lib/core/verdicts/errors.js'
import {
  askedBy,
  isMendedByLogin,
  isNavigation,
  stepUpText,
} from '../../../../lib/session/handler/login/navigation.js'
import { exchangeOf } from '../../../support/exchange.js'

const HTML = { accept: 'text/html,*/*' }
const MODE = 'sec-fetch-mode'
const DEST = 'sec-fetch-dest'

describe('a person waits for a page', () => {
  it.each([
    ['a browser that says nothing but what it takes', 'GET', HTML, true],
    ['a script', 'GET', { accept: '*/*' }, false],
    ['nothing', 'GET', {}, false],
    ['a form', 'POST', HTML, false],
    ['a head', 'HEAD', HTML, false],
    ['a navigation', 'GET', { [MODE]: 'navigate', [DEST]: 'document' }, true],
    ['a frame', 'GET', { ...HTML, [MODE]: 'navigate', [DEST]: 'iframe' }, false],
    ['a fetch for HTML', 'GET', { ...HTML, [MODE]: 'cors', [DEST]: 'empty' }, false],
  ])('%s: %s %j: %s', (_what, method, headers, expected) => {
    expect(isNavigation(exchangeOf('/', { method, headers }).req)).toBe(expected)
  })
})

describe('a login mends', () => {
  it.each([
    [invalidToken('session_unknown'), true],
    [invalidToken('session_ended'), true],
    [invalidToken('broken_seal'), true],
    [invalidToken('expired'), false],
    [new AuthError('insufficient_scope', { reason: 'scope_missing' }), false],
    [new AuthError('login_failed', { reason: 'login_unknown' }), false],
  ])('%s: %s', (error, expected) => {
    expect(isMendedByLogin(error)).toBe(expected)
  })
})

describe('a step-up', () => {
  it('takes over what a challenge asks for, and nothing else of it (RFC 9470 §4)', () => {
    const error = new AuthError('insufficient_user_authentication', {
      reason: 'login_too_weak',
      challenge: [
        ['acr_values', 'mfa'],
        ['max_age', '60'],
        ['prompt', 'none'],
      ],
    })
    expect(askedBy(error)).toEqual({ acr_values: 'mfa', max_age: '60' })
  })

  it.each([
    [{}, undefined],
    [{ prompt: 'login' }, undefined],
    [{ acr_values: 'mfa' }, 'mfa|'],
    [{ max_age: '60' }, '|60'],
    [{ acr_values: 'mfa', max_age: '0' }, 'mfa|0'],
  ])('for %j is named %j', (asked, text) => {
    expect(stepUpText(asked)).toBe(text)
  })
})
