import type { Page } from 'puppeteer-core'
import { until } from '../../tools/until.js'
import type { Arrival, Lab } from './lab.js'

/** One case in one browser, in a context of its own: no cookie of another case is there. */
export interface Visit {
  readonly page: Page
  readonly lab: Lab
  /** Names the case in the requests that it causes. */
  readonly id: string
}

export interface Observed {
  readonly outcome: string
  readonly detail: string
}

export interface Case {
  readonly name: string
  readonly expected: string
  readonly observe: (visit: Visit) => Promise<Observed>
}

export async function logIn({ page, lab }: Visit): Promise<void> {
  await page.goto(`${lab.bank}/login`)
}

/** Allowed: the handler ran. Refused: the request, or its preflight, came and nothing ran. */
export async function verdictOf({ lab, id }: Visit): Promise<Observed> {
  const arrivals = await until(() => {
    const all = lab.arrivals(id)
    if (all.length === 0) throw new Error('No request came')
    return all
  })
  const request = arrivals.find(({ method }) => method !== 'OPTIONS')
  if (request === undefined) return { outcome: 'refused', detail: 'at preflight' }
  return {
    outcome: arrivals.some(({ ran }) => ran) ? 'allowed' : 'refused',
    detail: inShort(request),
  }
}

function inShort({ status, error, carriedCookie }: Arrival): string {
  const cookie = carriedCookie ? 'cookie sent' : 'no cookie'
  return [status, error, `(${cookie})`].filter((part) => part !== undefined).join(' ')
}

/** Submits a form made in the page; the answer may be a download, a refusal or nothing at all. */
export async function submitForm({ page }: Visit, action: string, enctype: string): Promise<void> {
  const script = `(() => {
    const form = document.createElement('form')
    form.method = 'post'
    form.enctype = ${JSON.stringify(enctype)}
    form.action = ${JSON.stringify(action)}
    form.append(Object.assign(document.createElement('input'), { name: 'amount', value: '1' }))
    document.body.append(form)
    setTimeout(() => form.submit())
  })()`
  await page.evaluate(script)
}

/** Runs a fetch in the page: what a script gets to see of it. */
export async function fetchIn({ page }: Visit, url: string, init: string): Promise<unknown> {
  return page.evaluate(
    `fetch(${JSON.stringify(url)}, ${init}).then((r) => r.status || r.type, () => 'failed')`,
  )
}
