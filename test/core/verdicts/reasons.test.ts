import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { codeRow, type AuthErrorCode } from '../../../lib/core/verdicts/codes.js'
import { REASONS, type AuthErrorReason } from '../../../lib/core/verdicts/reasons.js'
import { WARNING_ROWS } from '../../../lib/core/events/warnings.js'
import { reasonsPage } from '../../../tools/docs/reasons-page.js'

const REFRESH = 'npm run docs:reasons'
const reasons = Object.keys(REASONS) as AuthErrorReason[]
const warnings = Object.keys(WARNING_ROWS)
const rows = [...Object.entries(REASONS), ...Object.entries(WARNING_ROWS)]

function textOf(folder: string, isRead: (path: string) => boolean): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && isRead(path))
    .map((path) => readFileSync(`${folder}/${path}`, 'utf8'))
    .join('\n')
}

/** The rows themselves prove nothing. */
const lib = textOf(
  'lib',
  (path) => !/^core[/\\](verdicts[/\\]reasons|events[/\\]warnings)/.test(path),
)
const tests = textOf('test', (path) => !/^core[/\\]verdicts[/\\](reasons|errors)/.test(path))
const page = readFileSync('docs/reasons.md', 'utf8')

function quotes(text: string, name: string): boolean {
  return text.includes(`'${name}'`)
}

/** Each code and reason that stand together in lib. */
function raised(): readonly (readonly [code: string, reason: string])[] {
  const named = lib.matchAll(/new AuthError\(\s*'(\w+)',\s*\{\s*reason: '(\w+)'/g)
  const made = lib.matchAll(/\b(invalidToken|noCredential|malformed)\(\s*'(\w+)'/g)
  const codes: Readonly<Record<string, string>> = {
    invalidToken: 'invalid_token',
    noCredential: 'no_credential',
    malformed: 'invalid_request',
  }
  return [
    ...[...named].map(([, code = '', reason = '']) => [code, reason] as const),
    ...[...made].map(([, maker = '', reason = '']) => [codes[maker] ?? '', reason] as const),
  ]
}

describe('a reason', () => {
  it('of what cannot be fetched sends people to its detail, which knows what failed', () => {
    // Metadata that cannot be had name no jwks_uri, and a package that is missing is no wrong client.
    expect(REASONS.keys_unavailable.fix).toMatch(/fetch the address that the detail names/)
    expect(REASONS.issuer_unavailable.fix).toMatch(/^Read the detail/)
    expect(REASONS.issuer_unavailable.fix).not.toMatch(/clientId/)
  })

  it.each(reasons)('%s is raised by the package, or by an app as the recipes show', (reason) => {
    expect(quotes(lib, reason) || quotes(readFileSync('docs/recipes.md', 'utf8'), reason)).toBe(
      true,
    )
  })

  it.each(reasons)('%s is asked for by a test', (reason) => {
    expect(quotes(tests, reason)).toBe(true)
  })

  it('that the package raises has a row', () => {
    const named = [...lib.matchAll(/\breason: '(\w+)'/g)].map(([, reason = '']) => reason)
    const all = [...named, ...raised().map(([, reason]) => reason)]
    expect(all.length).toBeGreaterThan(40)
    expect(all.filter((reason) => !Object.hasOwn(REASONS, reason))).toEqual([])
  })

  it('names each code that it is raised with', () => {
    const wrong = raised().filter(
      ([code, reason]) => !REASONS[reason as AuthErrorReason].codes.includes(code as AuthErrorCode),
    )
    expect(wrong).toEqual([])
  })

  it.each(reasons)('%s names codes that exist', (reason) => {
    const { codes } = REASONS[reason]
    expect(codes.length).toBeGreaterThan(0)
    expect(codes.filter((code) => codeRow(code) === undefined)).toEqual([])
  })
})

describe('a warning', () => {
  it.each(warnings)('%s is given by the package and asked for by a test', (code) => {
    expect([quotes(lib, code), quotes(tests, code)]).toEqual([true, true])
  })

  it('is given by its row alone', () => {
    expect(lib).not.toContain('emitWarning')
    const codes = [...lib.matchAll(/\bERS_\w+/g)].map(([code]) => code)
    expect(codes.filter((code) => !Object.hasOwn(WARNING_ROWS, code))).toEqual([])
  })
})

describe('docs/reasons.md', () => {
  it(`is what the rows say; write it again with ${REFRESH}`, () => {
    expect(page).toBe(reasonsPage())
  })

  it.each(rows)('has one heading for %s, so that links to it stay good', (name) => {
    expect(page.split('\n').filter((line) => line === `### ${name}`)).toHaveLength(1)
  })

  it('has no two headings of one anchor', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase())
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([])
  })

  it.each(rows)('explains %s in three short sentences', (_name, { meaning, cause, fix }) => {
    for (const text of [meaning, cause, fix]) {
      expect(text).toMatch(/^[A-Z"][^\n]{8,98}\.$/)
      expect(text).not.toMatch(/\.\s+[A-Z]/)
    }
  })
})
