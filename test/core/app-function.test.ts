import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { runScript } from '../support/script.js'

const SCRIPT = 'test/support/app-functions.ts'

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`lib/${path}`, 'utf8'))
  .join('\n')

/** What apps write and hand over, besides interfaces of options. */
const OTHER_INTERFACES = ['IssuerResolver', 'RateLimitRedis', 'ReadableCookie', 'RevocationStore']

/** Written by the package for itself. */
const INTERNAL = [
  'WaitingRoomOptions',
  'ClusterOptions',
  'ConnectOptions',
  'SentinelOptions',
  // It runs in browsers, where an error ends no server.
  'ApiFetchOptions',
  'BatchOptions',
  'FailFastOptions',
  'IssuerClientOptions',
  'JwtVerifierOptions',
  'KeyRefresherOptions',
  'SharedFailuresOptions',
  'ConnectOptions',
  // Of node-redis; ours calls them where a promise is awaited.
  'ClusterOptions',
  'SentinelOptions',
]

/** Names of types that are functions, or may be. */
function functionTypes(): RegExp {
  const names = ['=>']
  const aliases = [
    ...sources.matchAll(/^export type (\w+)[^=]*=\s*((?:.|\n(?! *\n))*?)(?=\n\n|\n$)/gm),
  ]
  for (let found = -1; found !== names.length;) {
    found = names.length
    for (const [, name = '', definition = ''] of aliases) {
      const isFunction = names.some((known) => new RegExp(`${known}(?!\\w)`).test(definition))
      if (isFunction && !names.includes(name)) names.push(name)
    }
  }
  return new RegExp(names.map((name) => (name === '=>' ? name : `\\b${name}\\b`)).join('|'))
}

/** Every function that an app can give, as `Interface.member`. */
function appFunctions(): string[] {
  const isFunction = functionTypes()
  const found: string[] = []
  for (const [, declared = '', body = ''] of sources.matchAll(
    /^export interface (\w+)[^{]*\{\n(.*?)^\}/gms,
  )) {
    const name = declared.replace(/Fields$/, 'Options')
    if (!name.endsWith('Options') || INTERNAL.includes(name)) continue
    for (const [, member = '', type = ''] of body.matchAll(
      /^ {2}readonly (\w+)\??:(.*?)(?=^ {2}(?:readonly|\/\*\*)|(?![^]))/gms,
    )) {
      if (isFunction.test(type)) found.push(`${name}.${member}`)
    }
  }
  return found
}

describe('a function of the app', () => {
  let cases: readonly string[]

  beforeAll(async () => {
    cases = (await runScript(SCRIPT, 'list')).output.trim().split('\n')
  })

  it('has a case here, wherever the package takes one', () => {
    const known = appFunctions()
    expect(known.length).toBeGreaterThan(20)
    expect(known.filter((name) => !cases.includes(name))).toEqual([])
  })

  it.each(OTHER_INTERFACES)('has a case here for %s', (name) => {
    expect(cases.some((each) => each.startsWith(`${name}.`))).toBe(true)
  })

  it('ends no process, whether it throws or rejects', async () => {
    const { output, code } = await runScript(SCRIPT, 'run')
    expect(output.split('\n').filter((line) => line.startsWith('unhandled'))).toEqual([])
    expect(output).toMatch(/^done$/m)
    expect(code).toBe(0)
  })
})
