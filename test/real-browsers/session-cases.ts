import type { Page } from 'puppeteer-core'
import { digest } from '../../lib/core/events/events.js'
import { FIRST_ACCESS_SECONDS } from './session-lab.js'
import type { Case, Observed, Visit } from './visit.js'

const SESSION_COOKIE = '__Host-Http-session'

/** Logs in at the provider as a person does, by its forms, and returns to `path`. */
async function logInAs({ page, lab }: Visit, user: string, path: string): Promise<void> {
  await page.goto(loginUrl(lab, path))
  await fillIn(page, user, path)
}

function loginUrl(lab: Visit['lab'], path: string): string {
  return `${lab.sessions.bff}/auth/login?return_to=${encodeURIComponent(path)}`
}

async function fillIn(page: Page, user: string, path: string, consents = true): Promise<void> {
  await page.type('input[name=login]', user)
  await page.type('input[name=password]', 'any')
  await submit(page)
  // Consent is asked for once.
  if (consents) await submit(page)
  await page.waitForFunction('location.host.startsWith("bff.example")')
  await page.waitForFunction(`location.pathname === ${JSON.stringify(path)}`)
}

async function submit(page: Page): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')])
}

async function openTabs({ page }: Visit, url: string, count: number): Promise<readonly Page[]> {
  const context = page.browserContext()
  const tabs = await Promise.all(Array.from({ length: count }, () => context.newPage()))
  await Promise.all(tabs.map((tab) => tab.goto(url)))
  return tabs
}

/** Statuses of one request in each tab, all at once. */
async function callAll(tabs: readonly Page[], refresh: string, path: string): Promise<string> {
  const script = `apiFetch({ refresh: ${JSON.stringify(refresh)}, onSignedOut() { document.title = 'signed out' } })(${JSON.stringify(path)}).then(({ status }) => status)`
  const statuses = await Promise.all(tabs.map((tab) => tab.evaluate(script)))
  return statuses.join(' ')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function textOf(page: Page): Promise<string> {
  return String(await page.evaluate('document.body.textContent'))
}

/** Answers without a state, with one of another browser, with one that is none, and an error. */
const FORGED_ANSWERS = [
  '',
  `state=${'x'.repeat(43)}`,
  'state=..%2F..',
  'error=access_denied&state=',
]

/** As browsers read them, each of another host, or no path. */
const FOREIGN_PATHS = [
  'https://evil.example',
  'https:evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\r\n/evil.example',
  ' //evil.example',
  '//bff.example@evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
]

export const SESSION_CASES: readonly Case[] = [
  {
    name: 'login by tokenHandler arrives with its SameSite=Strict cookie',
    expected: 'logged in',
    async observe(visit) {
      await logInAs(visit, visit.id, '/api/me')
      const text = await textOf(visit.page)
      return { outcome: text === visit.id ? 'logged in' : 'not logged in', detail: '' }
    },
  },
  {
    name: 'two tabs that log in at once both arrive',
    expected: 'logged in, logged in',
    async observe(visit) {
      const tabs = await openTabs(visit, loginUrl(visit.lab, '/api/me'), 2)
      const arrived: string[] = []
      for (const [index, tab] of tabs.entries()) {
        await tab.bringToFront()
        await fillIn(tab, visit.id, '/api/me', index === 0)
        arrived.push((await textOf(tab)) === visit.id ? 'logged in' : 'not logged in')
      }
      return { outcome: arrived.join(', '), detail: '' }
    },
  },
  {
    name: 'back button after a login does not answer the login twice',
    expected: 'logged in',
    async observe(visit) {
      const { page, lab } = visit
      await logInAs(visit, visit.id, '/page')
      await page.goBack().catch(() => undefined)
      await page.goto(`${lab.sessions.bff}/api/me`)
      const text = await textOf(page)
      return { outcome: text === visit.id ? 'logged in' : 'not logged in', detail: '' }
    },
  },
  {
    name: 'callbacks that answer no login of this browser',
    expected: '400 400 400 400, not logged in',
    async observe({ page, lab }) {
      const callback = `${lab.sessions.bff}/auth/callback`
      const statuses: (number | undefined)[] = []
      await page.goto(loginUrl(lab, '/page'))
      for (const query of FORGED_ANSWERS) {
        const answer = await page.goto(`${callback}?code=x&${query}`)
        statuses.push(answer?.status())
      }
      await page.goto(`${lab.sessions.bff}/page`)
      const me = await page.evaluate(`fetch('/auth/session').then(({ status }) => status)`)
      const loggedIn = me === 401 ? 'not logged in' : 'logged in'
      return { outcome: `${statuses.join(' ')}, ${loggedIn}`, detail: String(me) }
    },
  },
  {
    name: 'login that shall lead to another host',
    expected: 'stays here',
    async observe({ page, lab }) {
      const left: string[] = []
      for (const path of FOREIGN_PATHS) {
        await page.goto(loginUrl(lab, path))
        if (!page.url().startsWith(`${lab.sessions.bff}/auth/login`)) left.push(path)
      }
      return {
        outcome: left.length === 0 ? 'stays here' : `leaves by ${left.join(', ')}`,
        detail: '',
      }
    },
  },
  {
    name: 'script cannot read the session cookie',
    expected: 'hidden',
    async observe(visit) {
      await logInAs(visit, visit.id, '/page')
      const cookies = String(await visit.page.evaluate('document.cookie'))
      return { outcome: cookies.includes(SESSION_COOKIE) ? 'readable' : 'hidden', detail: '' }
    },
  },
  {
    name: 'three tabs whose access token is over: one renewal at the issuer',
    expected: '200 200 200, 1 renewal',
    async observe(visit): Promise<Observed> {
      const { sessions } = visit.lab
      await logInAs(visit, visit.id, '/page')
      const tabs = await openTabs(visit, `${sessions.bff}/page`, 3)
      await pause((FIRST_ACCESS_SECONDS + 1) * 1000)
      const statuses = await callAll(tabs, '/auth/refresh', '/api/me')
      const user = digest(visit.id)
      const renewals = sessions.events.filter(
        (event) => event.name === 'session.refreshed' && event.subjectDigest === user,
      )
      return { outcome: `${statuses}, ${renewals.length} renewal`, detail: '' }
    },
  },
  {
    name: 'three tabs that get 401 at once: apiFetch refreshes once for all',
    expected: '200 200 200, 1 refresh',
    async observe(visit): Promise<Observed> {
      const { selfRefreshing, refreshes } = visit.lab.sessions
      const tabs = await openTabs(visit, `${selfRefreshing}/page`, 3)
      const statuses = await callAll(tabs, `/refresh/${visit.id}`, '/notes')
      return { outcome: `${statuses}, ${refreshes.get(visit.id)} refresh`, detail: '' }
    },
  },
  {
    name: 'logout in one tab, through the issuer: the other tab is signed out',
    expected: '401, signed out',
    async observe(visit): Promise<Observed> {
      const { page, lab } = visit
      await logInAs(visit, visit.id, '/page')
      const [other] = await openTabs(visit, `${lab.sessions.bff}/page`, 1)
      await page.evaluate(
        `fetch('/auth/logout', { method: 'POST' }).then((answer) => answer.json()).then(({ redirect }) => location.assign(redirect))`,
      )
      await page.bringToFront()
      await page.waitForSelector('button[name=logout]')
      await Promise.all([page.waitForNavigation(), page.click('button[name=logout]')])
      await page.waitForFunction('location.host.startsWith("bff.example")')
      const status = await callAll([other!], '/auth/refresh', '/api/me')
      return { outcome: `${status}, ${await other!.title()}`, detail: '' }
    },
  },
  {
    name: 'a foreign page posts with the session cookie',
    expected: 'nothing written',
    async observe(visit): Promise<Observed> {
      const { page, lab } = visit
      await logInAs(visit, visit.id, '/page')
      const notes = `${lab.sessions.bff}/api/notes`
      await page.goto(`${lab.evil}/`)
      const answer = page.waitForResponse((response) => response.url() === notes)
      await page.evaluate(
        `fetch(${JSON.stringify(notes)}, { method: 'POST', mode: 'no-cors', credentials: 'include' })`,
      )
      const status = (await answer).status()
      return { outcome: status === 201 ? 'written' : 'nothing written', detail: String(status) }
    },
  },
]
