import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import * as main from '../lib/index.js'
import { requestFigure } from '../tools/docs/figures/request.js'
import { revocationFigure } from '../tools/docs/figures/revocation.js'

const figure = readFileSync('docs/images/request.svg', 'utf8')

it('the picture of a request is as npm run docs:figures draws it', () => {
  expect(figure).toBe(requestFigure())
})

it('the picture of a request names guards that there are, in words for those who do not see it', () => {
  const named = [...figure.matchAll(/class="by"[^>]*>(\w+)/g)].map(([, name = '']) => name)
  expect(named).toHaveLength(6)
  expect(named.filter((name) => !Object.hasOwn(main, name))).toEqual([])
  expect(figure).toContain('<title>A request passes credential, signature, claims, denylist, scope')
})

const extents = readFileSync('docs/images/revocation.svg', 'utf8')

it('the picture of revocations is as npm run docs:figures draws it', () => {
  expect(extents).toBe(revocationFigure())
})

it('the picture of revocations names methods of a store, and leaves none out', () => {
  const named = new Set(extents.match(/\b(?:revoke|require)[A-Z]\w+/g))
  const methods = Object.keys(main.memoryRevocationStore())
  expect([...named].toSorted()).toEqual(
    methods.filter((name) => /^(?:revoke|require)[A-Z]/.test(name)).toSorted(),
  )
})
