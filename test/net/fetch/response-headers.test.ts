import { describe, expect, it } from '@jest/globals'
import {
  isJsonType,
  remainingFreshness,
  retryAfterSeconds,
} from '../../../lib/net/fetch/response-headers.js'

describe('remainingFreshness', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['public', undefined],
    ['max-age=600', 600],
    ['MAX-AGE=600', 600],
    ['max-age="600"', 600],
    ['max-age="600"1', undefined],
    ['max-age=1"600"', undefined],
    ['public, max-age=600, immutable', 600],
    ['max-age=600, max-age=1', 600],
    ['max-age=600, no-store', 0],
    ['no-cache', 0],
    ['s-maxage=600', undefined],
    ['max-age', undefined],
    ['max-age=', undefined],
    ['max-age=-1', undefined],
    ['max-age=1e9', undefined],
    ['max-age=99999999999', undefined],
  ])('of "%s" is %s', (value, expected) => {
    expect(remainingFreshness({ 'cache-control': value })).toBe(expected)
  })

  it.each([
    ['100', 500],
    ['700', 0],
    ['-1', 600],
    ['soon', 600],
  ])('is less the Age "%s"', (age, expected) => {
    expect(remainingFreshness({ 'cache-control': 'max-age=600', age })).toBe(expected)
  })
})

describe('retryAfterSeconds', () => {
  it.each([
    ['30', 30],
    ['0', 0],
    [undefined, undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['99999999999999', undefined],
  ])('of "%s" is %s', (value, expected) => {
    expect(retryAfterSeconds({ 'retry-after': value })).toBe(expected)
  })
})

describe('isJsonType', () => {
  it.each([
    ['application/json', true],
    ['application/jwk-set+json', true],
    ['application/json;charset=utf-8', true],
    ['Application/JSON ; x=y', true],
    ['application/jwk-set+json ; x=y', true],
    [' application/json', true],
    ['text/json', false],
    ['text/html', false],
    ['application/jsonp', false],
    ['text/plain; application/json', false],
    ['', false],
    [undefined, false],
  ])('of "%s" is %s', (value, expected) => {
    expect(isJsonType({ 'content-type': value })).toBe(expected)
  })
})
