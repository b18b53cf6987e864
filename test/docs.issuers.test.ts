import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { transformSync } from 'esbuild'
import { REASONS } from '../lib/core/verdicts/reasons.js'
import * as main from '../lib/index.js'
import * as issuers from '../lib/issuers.js'
import { section } from './support/markdown.js'

const PAGE = readFileSync('docs/issuers.md', 'utf8')
const MODULES: Readonly<Record<string, unknown>> = {
  'express-resource-server': main,
  'express-resource-server/issuers': issuers,
  'node:fs': { readFileSync: () => 'a certificate, or a token' },
}

type Run = (require: (name: string) => unknown, module: { readonly exports: object }) => void

const titles = [...PAGE.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title)
const withCode = titles.filter((title) => section(PAGE, title).includes('```ts'))

it('has the settings of all that users come from', () => {
  expect(withCode).toHaveLength(19)
})

it.each(withCode)('gives options for %s that the guard takes as they stand', (title) => {
  const [, block = ''] = /```ts\n([^]*?)```/.exec(section(PAGE, title)) ?? []
  const { code } = transformSync(block, { loader: 'ts', format: 'cjs' })
  const module = { exports: {} as Record<string, unknown> }
  const run = runInThisContext(`(require, module) => {${code}}`) as Run
  run((name) => MODULES[name], module)
  const [guard] = Object.values(module.exports)
  expect(typeof guard).toBe('function')
})

it('names reasons that there are', () => {
  const named = [...PAGE.matchAll(/\| `([a-z]+_[a-z_]+)`/g)].map(([, reason = '']) => reason)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((reason) => !Object.hasOwn(REASONS, reason))).toEqual([])
})
