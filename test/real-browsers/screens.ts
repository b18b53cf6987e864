// Writes docs/images/: what the page of the demo looks like, for README and examples.
import { mkdir, stat } from 'node:fs/promises'
import type { Page } from 'puppeteer-core'
import { openLivingDemo } from '../../examples/demo/living/stage.js'
import { launchBrowsers } from './browsers.js'
import { logInAs, press, says, visitDemo } from './demo-visit.js'

const FOLDER = 'docs/images'
const MAX_BYTES = 60_000
const PORTS = { page: 3000, issuer: 4000, evil: 5000, sibling: 5001 }

const [first, ...others] = await launchBrowsers()
if (first === undefined) throw new Error('Neither chromium nor firefox-esr is on PATH')
const demo = await openLivingDemo(PORTS)
try {
  await mkdir(FOLDER, { recursive: true })
  const visit = await visitDemo(first.browser, demo)
  const { page } = visit
  await page.setViewport({ width: 1280, height: 800 })
  await logInAs(visit, 'alice')
  for (const id of ['call', 'sibling', 'cut-redis', 'heal-redis', 'logout']) await press(visit, id)
  await logInAs(visit, 'alice')
  await press(visit, 'call')
  await says(visit, 'verdict', '200')
  await screen(page, 'demo-light', 'light')
  await press(visit, 'sibling')
  await says(visit, 'verdict', '403')
  await screen(page, 'demo-dark', 'dark')
} finally {
  await demo.close()
  await Promise.all([first, ...others].map((running) => running.close()))
}

async function screen(page: Page, name: string, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
  const path = `${FOLDER}/${name}.webp`
  await page.screenshot({ path, type: 'webp', quality: 45 })
  const { size } = await stat(path)
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes, ${MAX_BYTES} at most`)
  console.log(`${path} ${size} bytes`)
}
