import { expect, it } from '@jest/globals'
import { REASONS } from '../lib/core/verdicts/reasons.js'
import { exportsOf, ISSUER_PAGE, PRODUCTS } from './support/issuer-page.js'

it('has the settings of all that users come from', () => {
  expect(PRODUCTS).toHaveLength(19)
})

it.each(PRODUCTS)('gives options for %s that the guard takes as they stand', (product) => {
  const [guard] = Object.values(exportsOf(product))
  expect(typeof guard).toBe('function')
})

it('names reasons that there are', () => {
  const named = [...ISSUER_PAGE.matchAll(/\| `([a-z]+_[a-z_]+)`/g)].map(([, reason = '']) => reason)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((reason) => !Object.hasOwn(REASONS, reason))).toEqual([])
})
