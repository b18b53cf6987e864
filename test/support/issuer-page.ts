import { readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { transformSync } from 'esbuild'
import * as main from '../../lib/index.js'
import * as issuers from '../../lib/issuers.js'
import type { RequireBearerOptions } from '../../lib/index.js'
import { section } from './markdown.js'

/** docs/issuers.md: by product, what to set there, what to write here, and the usual mistakes. */
export const ISSUER_PAGE: string = readFileSync('docs/issuers.md', 'utf8')

/** Products that have code on the page. */
export const PRODUCTS: readonly string[] = [...ISSUER_PAGE.matchAll(/^## (.*)$/gm)]
  .map(([, title = '']) => title)
  .filter((title) => section(ISSUER_PAGE, title).includes('```ts'))

type Run = (require: (name: string) => unknown, module: { readonly exports: object }) => void
type Guard = ReturnType<typeof main.requireBearer>

/** What the code of a product exports, with `requireBearer` replaced where a test has its own keys. */
export function exportsOf(
  product: string,
  requireBearer: (options: RequireBearerOptions) => Guard = main.requireBearer,
): Readonly<Record<string, unknown>> {
  const [, block = ''] = /```ts\n([^]*?)```/.exec(section(ISSUER_PAGE, product)) ?? []
  const { code } = transformSync(block, { loader: 'ts', format: 'cjs' })
  const modules: Readonly<Record<string, unknown>> = {
    'express-resource-server': { ...main, requireBearer },
    'express-resource-server/issuers': issuers,
    'node:fs': { readFileSync: () => 'a certificate, or a token' },
  }
  const module = { exports: {} as Record<string, unknown> }
  const run = runInThisContext(`(require, module) => {${code}}`) as Run
  run((name) => modules[name], module)
  return module.exports
}

/** The rows of a product's table: the mistake, and what one sees. */
export function mistakesOf(product: string): ReadonlyMap<string, string> {
  const rows = section(ISSUER_PAGE, product).matchAll(/^\| (.*?) +\| (.*?) +\|$/gm)
  return new Map([...rows].slice(2).map(([, mistake = '', seen = '']) => [mistake, seen]))
}
