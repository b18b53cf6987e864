import { describe, expect, it } from '@jest/globals'
import { codeOf, isRecord, isThenable, messageOf } from '../../lib/core/values.js'

const nothing = (): undefined => undefined
/** Not by its class: query builders return what is no Promise. */
const THEN = ['th', 'en'].join('')
const withThen = (then: unknown): object => Object.fromEntries([[THEN, then]])

describe('isRecord', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [Object.create(null), true],
    [new Map(), true],
    [[], false],
    [null, false],
    [undefined, false],
    ['a', false],
    [nothing, false],
  ])('of %p: %p', (value, expected) => {
    expect(isRecord(value)).toBe(expected)
  })
})

describe('isThenable', () => {
  it.each<[unknown, boolean]>([
    [Promise.resolve(), true],
    [withThen(nothing), true],
    [withThen(true), false],
    [{}, false],
    [null, false],
    [nothing, false],
  ])('of %p: %p', (value, expected) => {
    expect(isThenable(value)).toBe(expected)
  })
})

describe('messageOf', () => {
  it.each<[unknown, string]>([
    [new TypeError('a fault'), 'a fault'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [7, '7'],
    [{ message: 'no error' }, '[object Object]'],
    [Symbol('s'), 'Symbol(s)'],
  ])('of %p: %p', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message)
  })

  it('of what cannot be made a text, as an object without a prototype: its kind', () => {
    expect(messageOf(Object.create(null))).toBe('object')
    expect(messageOf(Object.defineProperty({}, 'toString', { value: undefined }))).toBe('object')
  })
})

describe('codeOf', () => {
  it.each<[unknown, string | undefined]>([
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
    [{ code: 'of another realm' }, 'of another realm'],
    [{ code: 7 }, undefined],
    [new Error('x'), undefined],
    ['ENOENT', undefined],
    [null, undefined],
  ])('of %p: %p', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code)
  })
})
