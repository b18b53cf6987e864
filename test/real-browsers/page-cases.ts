import { until } from '../../tools/until.js'
import { PLAIN_COOKIE } from './lab.js'
import { fetchIn, logIn, type Case, type Observed, type Visit } from './visit.js'

const TOKEN_COOKIE = '__Host-Http-access_token'

async function textOf({ page }: Visit): Promise<string> {
  return String(await page.evaluate('document.body ? document.body.textContent : ""'))
}

/** Status of a page that the user opens, with the cookies of the bank. */
async function open({ page }: Visit, url: string): Promise<Observed> {
  const response = await page.goto(url)
  const status = String(response?.status())
  return { outcome: status, detail: '' }
}

async function cookieNames(visit: Visit): Promise<readonly string[]> {
  await visit.page.goto(`${visit.lab.bank}/cookies`)
  const cookies = JSON.parse(await textOf(visit)) as string[]
  return cookies.map((cookie) => cookie.split('=')[0]!)
}

/** A sibling subdomain plants a cookie for the whole domain. */
async function toss(visit: Visit, name: string, path: string): Promise<void> {
  const query = `name=${encodeURIComponent(name)}&path=${path}`
  await visit.page.goto(`${visit.lab.sibling}/toss?${query}`)
}

async function keepsSize(visit: Visit, bytes: number): Promise<Observed> {
  await visit.page.goto(`${visit.lab.bank}/write?bytes=${bytes}`)
  const names = await cookieNames(visit)
  return { outcome: names.includes('__Host-size') ? 'kept' : 'dropped', detail: '' }
}

export const COOKIE_CASES: readonly Case[] = [
  {
    name: 'token cookie is kept and sent',
    expected: '200',
    async observe(visit) {
      await logIn(visit)
      return open(visit, `${visit.lab.bank}/account`)
    },
  },
  {
    name: 'token cookie on http://localhost',
    expected: '200',
    async observe(visit) {
      await visit.page.goto(`${visit.lab.localhost}/login`)
      return open(visit, `${visit.lab.localhost}/account`)
    },
  },
  {
    name: 'script cannot read the token cookie',
    expected: 'hidden',
    async observe(visit) {
      await logIn(visit)
      const cookies = String(await visit.page.evaluate('document.cookie'))
      return { outcome: cookies.includes('access_token') ? 'readable' : 'hidden', detail: '' }
    },
  },
  {
    name: 'script cannot plant a token cookie',
    expected: '401',
    async observe(visit) {
      await visit.page.goto(`${visit.lab.bank}/page`)
      await visit.page.evaluate(`document.cookie = '${TOKEN_COOKIE}=EVIL; Path=/; Secure'`)
      return open(visit, `${visit.lab.bank}/account`)
    },
  },
  {
    name: 'sibling cannot toss the token cookie',
    expected: '200',
    async observe(visit) {
      await logIn(visit)
      await toss(visit, TOKEN_COOKIE, 'account')
      return open(visit, `${visit.lab.bank}/account`)
    },
  },
  {
    name: 'tossed NBSP-prefixed name is not taken for it',
    expected: '200',
    async observe(visit) {
      await logIn(visit)
      await toss(visit, `\u00A0${TOKEN_COOKIE}`, 'account')
      return open(visit, `${visit.lab.bank}/account`)
    },
  },
  {
    name: 'tossed duplicate of an unprefixed name',
    expected: '400',
    async observe(visit) {
      await logIn(visit)
      await toss(visit, PLAIN_COOKIE, 'plain-cookie')
      return open(visit, `${visit.lab.bank}/plain-cookie`)
    },
  },
  { name: 'cookie of 4096 bytes', expected: 'kept', observe: (visit) => keepsSize(visit, 4096) },
  { name: 'cookie of 4097 bytes', expected: 'dropped', observe: (visit) => keepsSize(visit, 4097) },
  {
    name: 'first page after a login elsewhere (Strict)',
    expected: 'account of alice',
    async observe(visit) {
      await visit.page.goto(`${visit.lab.evil}/idp`)
      return until(async () => {
        const text = await textOf(visit)
        if (!visit.page.url().endsWith('/account') || text === '') throw new Error('Not there yet')
        return { outcome: text, detail: '' }
      })
    },
  },
]

export const PAGE_CASES: readonly Case[] = [
  {
    name: 'scripts run with the nonce only',
    expected: 'nonce with',
    async observe({ page, lab }) {
      await page.goto(`${lab.bank}/nonce`)
      return { outcome: await page.title(), detail: '' }
    },
  },
  {
    name: 'page with preset web in a foreign frame',
    expected: 'not shown',
    observe: (visit) => framed(visit, '/nonce', 'nonce with'),
  },
  {
    name: 'JSON with preset api in a foreign frame',
    expected: 'not shown',
    observe: (visit) => framed(visit, '/json', 'secret'),
  },
  {
    name: 'page without the headers in a foreign frame',
    expected: 'shown',
    observe: (visit) => framed(visit, '/page', 'bank'),
  },
  {
    name: 'foreign page reads JSON by cookie',
    expected: 'failed',
    async observe(visit) {
      await logIn(visit)
      await visit.page.goto(`${visit.lab.evil}/`)
      const seen = await fetchIn(visit, `${visit.lab.bank}/account`, `{ credentials: 'include' }`)
      return { outcome: String(seen), detail: '' }
    },
  },
  {
    name: 'foreign page links to the account',
    expected: '401',
    async observe(visit) {
      // SameSite=Strict keeps the cookie at home; the check itself would let a link pass.
      await logIn(visit)
      await visit.page.goto(`${visit.lab.evil}/`)
      await Promise.all([
        visit.page.waitForNavigation(),
        visit.page.evaluate(`location.href = '${visit.lab.bank}/account?case=${visit.id}'`),
      ])
      const [arrival] = visit.lab.arrivals(visit.id)
      return { outcome: String(arrival?.status), detail: arrival?.error ?? '' }
    },
  },
  {
    name: 'back button after log-out',
    expected: 'gone',
    async observe(visit) {
      const { page, lab } = visit
      await logIn(visit)
      await page.goto(`${lab.bank}/account`)
      const before = await textOf(visit)
      await page.goto(`${lab.bank}/page`)
      await fetchIn(visit, `${lab.bank}/logout`, `{ method: 'POST' }`)
      await page.goBack()
      const after = await textOf(visit)
      const isGone = before.includes('alice') && !after.includes('alice')
      return { outcome: isGone ? 'gone' : 'shown', detail: '' }
    },
  },
  {
    name: 'WebSocket of the own page',
    expected: 'open',
    observe: (visit) => connects(visit, `${visit.lab.bank}/page`),
  },
  {
    name: 'WebSocket of a foreign page',
    expected: 'refused',
    observe: (visit) => connects(visit, `${visit.lab.evil}/`),
  },
]

/** Whether what the bank says is inside the attacker's page. */
async function framed({ page, lab }: Visit, path: string, mark: string): Promise<Observed> {
  const target = encodeURIComponent(`${lab.bank}${path}`)
  await page.goto(`${lab.evil}/frame?target=${target}`, { waitUntil: 'load' })
  const [, frame] = page.frames()
  const text = String(await frame?.evaluate('document.documentElement.textContent').catch(String))
  return { outcome: text.includes(mark) ? 'shown' : 'not shown', detail: '' }
}

async function connects(visit: Visit, pageUrl: string): Promise<Observed> {
  await visit.page.goto(pageUrl)
  const url = visit.lab.bank.replace('https:', 'wss:')
  const outcome = await visit.page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(url)})
    socket.onopen = () => resolve('open')
    socket.onerror = () => resolve('refused')
  })`)
  return { outcome: String(outcome), detail: '' }
}
