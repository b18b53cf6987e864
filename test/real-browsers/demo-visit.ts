import type { Browser, Page } from 'puppeteer-core'
import type { LivingDemo } from '../../examples/demo/living/stage.js'
import { until } from '../../tools/until.js'

/** The page of the demo in a browser, and what a user does there. */
export interface DemoVisit {
  readonly page: Page
  readonly demo: LivingDemo
  /** What the browser complained about. */
  readonly complaints: readonly string[]
}

/** What attackers are told, and the font that the provider's pages ask for. */
const WANTED = /Cross-Origin-Resource-Policy|rejected for invalid prefix|fonts\.googleapis\.com/

export async function visitDemo(browser: Browser, demo: LivingDemo): Promise<DemoVisit> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  const complaints: string[] = []
  const hear = (text: string): void => {
    if (!WANTED.test(text)) complaints.push(text)
  }
  page.on('pageerror', (error) => hear(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (/Content.Security.Policy|Permissions.Policy|Refused to/.test(text)) hear(text)
  })
  await page.setViewport({ width: 1280, height: 860 })
  await page.goto(demo.origin)
  return { page, demo, complaints }
}

/** Through the provider's own pages: login, consent, and back. */
export async function logInAs({ page, demo }: DemoVisit, user: string): Promise<void> {
  // Not by goto: over WebDriver BiDi that waits for ever where redirects lead to another host.
  await page.evaluate(`location.assign('${demo.origin}/login')`)
  await page.waitForSelector('input[name=login]')
  await page.type('input[name=login]', user)
  await page.type('input[name=password]', 'any will do')
  await submit(page)
  await submit(page)
  await page.waitForSelector('#token:not([hidden])')
}

export async function submit(page: Page): Promise<void> {
  const [button] = await page.$$('button[type=submit]')
  if (button === undefined) throw new Error(`No button at ${page.url()}`)
  const left = page.url()
  // The submit of a page that is gone already has done its work.
  await button.click().catch(() => undefined)
  await until(() => {
    if (page.url() === left) throw new Error(`Still at ${left}`)
  })
  await page.waitForSelector('body')
  await until(async () => {
    if ((await page.evaluate('document.readyState')) !== 'complete') throw new Error('Loads')
  })
}

/** Presses a button, and waits until its answer is there. */
export async function press({ page }: DemoVisit, id: string): Promise<void> {
  const selector = `[data-id="${id}"]`
  await page.evaluate(`document.getElementById('verdict').textContent = ''`)
  await page.click(selector)
  await until(async () => {
    const busy = await page.evaluate(`document.querySelector('${selector}').ariaBusy === 'true'`)
    if (busy === true) throw new Error(`${id} is still at work`)
  }, 15_000)
}

export async function textOf({ page }: DemoVisit, id: string): Promise<string> {
  return String(await page.evaluate(`document.getElementById('${id}').textContent`))
}

/** Waits until the element says all of `words`. */
export async function says(visit: DemoVisit, id: string, ...words: string[]): Promise<string> {
  return until(async () => {
    const text = await textOf(visit, id)
    const missing = words.filter((word) => !text.includes(word))
    if (missing.length > 0) {
      throw new Error(`#${id} lacks ${missing.join(', ')}: ${text.trim().replaceAll(/\s+/g, ' ')}`)
    }
    return text
  }, 5000)
}
