import { until } from '../../tools/until.js'
import { logInAs, press, says, submit, textOf, type DemoVisit } from './demo-visit.js'

export interface DemoCase {
  readonly name: string
  /** Throws where the page does not do as named. */
  readonly run: (visit: DemoVisit) => Promise<unknown>
  readonly needsRedis?: boolean
}

/** A button, and what the verdict and the raw answer must say then. */
function button(name: string, id: string, verdict: string, ...answer: string[]): DemoCase {
  return {
    name,
    async run(visit) {
      await press(visit, id)
      if (verdict !== '') await says(visit, 'verdict', ...verdict.split(' '))
      await says(visit, 'answer', ...answer)
    },
  }
}

function redis(item: DemoCase): DemoCase {
  return { ...item, needsRedis: true }
}

/** In this order: each goes on where the one before it ended. */
export const DEMO_CASES: readonly DemoCase[] = [
  {
    name: 'without a token the API answers 401, and five steps are not asked',
    async run(visit) {
      await press(visit, 'call')
      await says(visit, 'verdict', '401', 'no_credential')
      await says(visit, 'steps', 'not asked')
    },
  },
  {
    name: 'log in at the provider: the card shows whose token it is',
    async run(visit) {
      await logInAs(visit, 'alice')
      await says(visit, 'claims', 'alice', 'notes:read notes:write', 'at+jwt', 'cookie')
      await says(visit, 'left', ':')
    },
  },
  {
    name: 'read the notes: six steps pass, each with its time',
    async run(visit) {
      await press(visit, 'call')
      await says(visit, 'verdict', '200')
      const outcomes = await outcomesOf(visit)
      if (outcomes !== 'passed '.repeat(6).trim()) throw new Error(outcomes)
      await says(visit, 'steps', 'µs')
      await says(visit, 'answer', '"reader": "alice"')
      await says(
        visit,
        'code',
        'csrfGuard',
        'requireBearer',
        'jtiBlocklist',
        "requireScope('notes:read')",
      )
    },
  },
  button('write a note', 'write', '201 POST', '"writer": "alice"'),
  button('delete all notes', 'no-scope', '403 scope_missing', 'insufficient_scope', 'notes:admin'),
  {
    name: 'refresh: another token, and the old one is worthless',
    async run(visit) {
      const before = await textOf(visit, 'claims')
      await visit.page.click('#refresh')
      await until(async () => {
        if ((await textOf(visit, 'claims')) === before) throw new Error('The same token')
      })
      await press(visit, 'replay')
      await says(visit, 'verdict', '401', 'revoked')
    },
  },
  button('a page of another site posts', 'evil', '403 csrf_cross_site another'),
  button('a page of a sibling posts, with the cookie', 'sibling', '403 csrf_cross_site sibling'),
  button('a 307 redirect repeats a POST', 'bounce', '403 csrf_cross_site'),
  button('a tossed cookie changes nothing', 'toss', '200 this page', '"reader": "alice"'),
  button('two cookies of one name', 'two-cookies', '400 duplicate_cookie'),
  button('a flood of bad tokens', 'flood', '200', '20 × 401, 20 × 429', 'retry-after'),
  button('an opaque token', 'opaque', '401 inactive_token', '200', '401'),
  button('a token bound to a key', 'dpop', '401 missing_proof', '200', 'DPoP'),
  button(
    'an MCP tool',
    'mcp',
    '403 scope_missing',
    'resource_metadata',
    '200',
    'insufficient_scope',
  ),
  redis(button('Redis is cut', 'cut-redis', '503 revocation_unavailable', 'retry-after')),
  redis(button('Redis is healed', 'heal-redis', '200')),
  redis(button('Redis is a black hole', 'hold-redis', '503 revocation_unavailable')),
  redis(button('Redis is healed again', 'heal-redis', '200')),
  button('the signing key is rotated', 'rotate', '401 unknown_key', '200', 'withdrawn'),
  {
    name: 'a refresh after the rotation brings a token by the new key',
    async run(visit) {
      const before = await textOf(visit, 'claims')
      await visit.page.click('#refresh')
      await until(async () => {
        if ((await textOf(visit, 'claims')) === before) throw new Error('The same token')
      })
      await press(visit, 'call')
      await says(visit, 'verdict', '200')
    },
  },
  {
    name: 'log out at the issuer: the API hears of it by back channel',
    async run(visit) {
      const { page, demo } = visit
      await page.click('[data-id="logout-issuer"]')
      await page.waitForSelector('button[name=logout]')
      await submit(page)
      await until(() => {
        if (!page.url().startsWith(demo.origin)) throw new Error(`At ${page.url()}`)
      })
      await says(visit, 'timeline', 'logout.received')
      await press(visit, 'call')
      await says(visit, 'verdict', '401', 'revoked')
    },
  },
  {
    name: 'log out here: the card is empty, and a copy of the token is worthless',
    async run(visit) {
      await logInAs(visit, 'alice')
      await press(visit, 'logout')
      await says(visit, 'verdict', '204')
      await visit.page.waitForSelector('#token-empty:not([hidden])')
      await press(visit, 'replay')
      await says(visit, 'verdict', '401', 'revoked')
    },
  },
  {
    name: 'log in once more: another session, and its token is good',
    async run(visit) {
      await logInAs(visit, 'alice')
      await press(visit, 'call')
      await says(visit, 'verdict', '200')
    },
  },
  {
    name: 'revoke the user: every token of hers is refused',
    async run(visit) {
      await logInAs(visit, 'bob')
      await press(visit, 'revoke-user')
      await says(visit, 'verdict', '401', 'revoked')
    },
  },
  {
    name: 'the keyboard alone reaches and presses a button',
    async run(visit) {
      const { page } = visit
      await page.evaluate('document.activeElement.blur()')
      await until(async () => {
        await page.keyboard.press('Tab')
        const at = await page.evaluate('document.activeElement.dataset.id')
        if (at !== 'call') throw new Error(`Focus is at ${String(at)}`)
      })
      await page.keyboard.press('Enter')
      await says(visit, 'verdict', '401')
    },
  },
  {
    name: 'at 400 px nothing is cut off, in light and in dark',
    async run({ page }) {
      await page.setViewport({ width: 400, height: 800 })
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'))
      await page.setViewport({ width: 1280, height: 860 })
      if (width > 400) throw new Error(`${width} px wide`)
    },
  },
  {
    name: 'every control has a name, every part a heading',
    async run({ page }) {
      const nameless = await page.evaluate(`[...document.querySelectorAll('button, a, iframe')]
        .filter((e) => !(e.textContent.trim() || e.title || e.ariaLabel)).length`)
      const headless = await page.evaluate(`[...document.querySelectorAll('section')]
        .filter((e) => !document.getElementById(e.getAttribute('aria-labelledby'))).length`)
      if (nameless !== 0 || headless !== 0)
        throw new Error(`${String(nameless)} and ${String(headless)}`)
    },
  },
  {
    name: 'the policy of the page blocked nothing of ours, and no script failed',
    async run({ complaints }) {
      if (complaints.length > 0) throw new Error(complaints.join('; '))
    },
  },
]

async function outcomesOf({ page }: DemoVisit): Promise<string> {
  const all = `[...document.querySelectorAll('#steps li')].map((li) => li.dataset.outcome).join(' ')`
  return String(await page.evaluate(all))
}
