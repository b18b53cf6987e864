import { fetchIn, logIn, submitForm, verdictOf, type Case, type Visit } from './visit.js'

const URLENCODED = 'application/x-www-form-urlencoded'
const NO_CORS = `method: 'POST', mode: 'no-cors', credentials: 'include'`

/** Sends something from a page, while the user is logged in at the bank. */
function from(
  name: string,
  expected: 'allowed' | 'refused',
  pageOf: (visit: Visit) => string,
  send: (visit: Visit, target: string) => Promise<unknown>,
  path = '/transfer',
): Case {
  return {
    name,
    expected,
    async observe(visit) {
      await logIn(visit)
      await visit.page.goto(pageOf(visit))
      await send(visit, `${visit.lab.bank}${path}?case=${visit.id}`)
      return verdictOf(visit)
    },
  }
}

const form =
  (enctype = URLENCODED) =>
  (visit: Visit, target: string): Promise<void> =>
    submitForm(visit, target, enctype)

const fetching =
  (init: string) =>
  (visit: Visit, target: string): Promise<unknown> =>
    fetchIn(visit, target, `{ ${init} }`)

function beacon({ page }: Visit, target: string): Promise<unknown> {
  return page.evaluate(`navigator.sendBeacon(${JSON.stringify(target)}, 'amount=1')`)
}

async function ping({ page }: Visit, target: string): Promise<void> {
  await page.evaluate(`(() => {
    const link = Object.assign(document.createElement('a'), { href: '#', textContent: 'win' })
    link.ping = ${JSON.stringify(target)}
    document.body.append(link)
  })()`)
  await page.click('a')
}

/** The bank's own page sends to the attacker, who sends the request back with the victim's cookies. */
function bounce({ lab }: Visit, target: string): string {
  return `${lab.evil}/bounce?to=${encodeURIComponent(target.slice(lab.bank.length))}`
}

const bank = ({ lab }: Visit): string => `${lab.bank}/page`
const noReferrer = ({ lab }: Visit): string => `${lab.bank}/page/no-referrer`
const evil = ({ lab }: Visit): string => `${lab.evil}/`
const sibling = ({ lab }: Visit): string => `${lab.sibling}/`
const app = ({ lab }: Visit): string => `${lab.app}/`
const plainBank = ({ lab }: Visit): string => `${lab.plainBank}/page`

const JSON_POST = `method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}'`
const bounceForm = (visit: Visit, target: string): Promise<void> =>
  submitForm(visit, bounce(visit, target), URLENCODED)
const bounceFetch = (visit: Visit, target: string): Promise<unknown> =>
  fetchIn(visit, bounce(visit, target), `{ ${NO_CORS} }`)

export const CSRF_CASES: readonly Case[] = [
  from('same-origin form', 'allowed', bank, form()),
  from('same-origin form, no-referrer page', 'allowed', noReferrer, form()),
  from('same-origin fetch with JSON', 'allowed', bank, fetching(JSON_POST)),
  from('same-origin fetch DELETE', 'allowed', bank, fetching(`method: 'DELETE'`)),
  from('same-origin sendBeacon', 'allowed', bank, beacon),
  from('cross-site form, urlencoded', 'refused', evil, form()),
  from('cross-site form, multipart', 'refused', evil, form('multipart/form-data')),
  from('cross-site form, text/plain', 'refused', evil, form('text/plain')),
  from('cross-site no-cors fetch', 'refused', evil, fetching(`${NO_CORS}, body: '{}'`)),
  from(
    'cross-site fetch, typeless Blob',
    'refused',
    evil,
    fetching(`${NO_CORS}, body: new Blob(['{}'])`),
  ),
  from(
    'cross-site fetch with JSON',
    'refused',
    evil,
    fetching(`${JSON_POST}, credentials: 'include'`),
  ),
  from('cross-site beacon', 'refused', evil, beacon),
  from('cross-site <a ping>', 'refused', evil, ping),
  from('sibling subdomain form', 'refused', sibling, form()),
  from('sibling subdomain fetch', 'refused', sibling, fetching(`${NO_CORS}, body: '{}'`)),
  from('sibling subdomain form, welded check alone', 'refused', sibling, form(), '/welded'),
  from('307 bounce by form', 'refused', bank, bounceForm),
  from('307 bounce by fetch', 'refused', bank, bounceFetch),
  from('307 bounce by form, welded check alone', 'refused', bank, bounceForm, '/welded'),
  from('http downgrade of the same host', 'refused', plainBank, form()),
  {
    name: 'sandboxed frame',
    expected: 'refused',
    async observe(visit) {
      await logIn(visit)
      const target = encodeURIComponent(`${visit.lab.bank}/transfer?case=${visit.id}`)
      await visit.page.goto(`${visit.lab.evil}/sandbox?target=${target}`)
      return verdictOf(visit)
    },
  },
  from(
    'SPA on a listed origin, fetch with JSON',
    'allowed',
    app,
    fetching(`${JSON_POST}, credentials: 'include'`),
    '/api/notes',
  ),
  from(
    'SPA on a listed origin, fetch DELETE',
    'allowed',
    app,
    fetching(`method: 'DELETE', credentials: 'include'`),
    '/api/notes',
  ),
  from(
    'SPA on an unlisted origin, fetch DELETE',
    'refused',
    sibling,
    fetching(`method: 'DELETE', credentials: 'include'`),
    '/api/notes',
  ),
]
