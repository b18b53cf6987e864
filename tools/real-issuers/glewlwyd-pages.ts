import { until } from '../until.js'
import { SCOPE } from './issuer.js'

const PATIENCE_MS = 30_000

/** As much of puppeteer as is used here: its own types want those of a browser's page. */
export interface Page {
  goto(url: string, options?: { readonly waitUntil: 'networkidle0' }): Promise<unknown>
  url(): string
  type(selector: string, text: string): Promise<void>
  waitForSelector(selector: string): Promise<unknown>
  waitForFunction(script: string): Promise<unknown>
  evaluate(script: string): Promise<unknown>
  setDefaultTimeout(ms: number): void
  readonly keyboard: { press(key: 'Enter'): Promise<void> }
}

export interface Browser {
  createBrowserContext(): Promise<{ newPage(): Promise<Page> }>
  close(): Promise<void>
}

export async function launchChromium(executablePath: string): Promise<Browser> {
  const name = 'puppeteer-core'
  const { launch } = (await import(name)) as {
    readonly launch: (options: object) => Promise<Browser>
  }
  const args = ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * 127.0.0.1']
  return launch({ executablePath, args })
}

/** A user of glewlwyd at its own pages, in a browser of their own. */
export interface GlewlwydUser {
  readonly page: Page
  /** Begins a login at an app, types the password if it is given, and lets the app have its scope. */
  logIn(loginUrl: string, password?: string): Promise<void>
  /** Confirms the logout that an app has begun. Its page ends there, wherever the app wants to go on. */
  confirmLogout(redirect: string): Promise<void>
}

export async function openGlewlwydUser(browser: Browser): Promise<GlewlwydUser> {
  const page = await (await browser.createBrowserContext()).newPage()
  page.setDefaultTimeout(PATIENCE_MS)

  /** Opens a page, and presses a button once nothing moves any more: it draws itself anew with each answer. */
  async function press(url: string, text: string): Promise<void> {
    await page.goto(url, { waitUntil: 'networkidle0' })
    const button = `[...document.querySelectorAll('button')].find(({ textContent }) => textContent.includes('${text}'))`
    await page.waitForFunction(`${button} !== undefined`)
    await page.evaluate(`${button}.click()`)
  }

  const greets = `document.body.textContent.includes('Hello Alice')`

  /** Lets an app have its scope, by the request of its page. */
  async function consent(): Promise<void> {
    const client = new URL(page.url()).searchParams.get('client_id')
    const body = JSON.stringify(JSON.stringify({ scope: `openid ${SCOPE}` }))
    const init = `{ method: 'PUT', headers: { 'content-type': 'application/json' }, body: ${body} }`
    await page.evaluate(`fetch('/api/auth/grant/${client}', ${init}).then(({ status }) => status)`)
  }

  return {
    page,
    async logIn(loginUrl, password) {
      await page.goto(loginUrl)
      if (password !== undefined) {
        await page.waitForSelector('#username')
        await page.type('#username', 'alice')
        await page.type('#password', password)
        await page.keyboard.press('Enter')
      }
      await page.waitForFunction(greets)
      await consent()
      await press(loginUrl, 'Continue')
      // Past the callback, which leads on by itself.
      await until(() => {
        if (page.url() !== new URL('/', loginUrl).href) throw new Error(`It led to ${page.url()}`)
      }, PATIENCE_MS)
    },
    async confirmLogout(redirect) {
      await press(redirect, 'Logout')
      await page.waitForFunction(`document.body.textContent.includes('You are disconnected')`)
    },
  }
}
