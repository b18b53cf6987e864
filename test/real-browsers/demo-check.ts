import { openLivingDemo } from '../../examples/demo/living/stage.js'
import { launchBrowsers, type RunningBrowser } from './browsers.js'
import { DEMO_CASES, type DemoCase } from './demo-cases.js'
import { visitDemo, type DemoVisit } from './demo-visit.js'

const FREE_PORTS = { page: 0, issuer: 0, evil: 0, sibling: 0 }

/** Drives the page of the demo in each browser that is installed, case by case; 0 where all is as told. */
export async function checkDemo(print: (line: string) => void): Promise<number> {
  const browsers = await launchBrowsers()
  if (browsers.length === 0) {
    print('Nothing was checked: neither chromium nor firefox-esr is on PATH.')
    print('  Debian   sudo apt-get install -y chromium firefox-esr')
    return 1
  }
  let failures = 0
  try {
    for (const running of browsers) failures += await checkIn(running, print)
  } finally {
    await Promise.all(browsers.map((running) => running.close()))
  }
  const cases = browsers.length * DEMO_CASES.length
  print(`\n${cases - failures} of ${cases} cases are as told.`)
  return failures === 0 ? 0 : 1
}

/** A stage of its own for each browser: what one revoked must not meet the next. */
async function checkIn(
  { browser, name }: RunningBrowser,
  print: (line: string) => void,
): Promise<number> {
  print(`\n${name}`)
  const demo = await openLivingDemo(FREE_PORTS)
  let failures = 0
  try {
    const visit = await visitDemo(browser, demo)
    for (const item of DEMO_CASES) {
      const fault = await faultOf(item, visit)
      if (fault !== undefined && !fault.leftOut) failures += 1
      print(`  ${markOf(fault)} ${item.name}${fault === undefined ? '' : `: ${fault.text}`}`)
    }
  } finally {
    await demo.close()
  }
  return failures
}

interface Fault {
  readonly text: string
  readonly leftOut: boolean
}

async function faultOf(item: DemoCase, visit: DemoVisit): Promise<Fault | undefined> {
  if (item.needsRedis === true && visit.demo.redis === undefined) {
    return { text: 'left out, because there is no Redis here', leftOut: true }
  }
  try {
    await item.run(visit)
    return undefined
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), leftOut: false }
  }
}

function markOf(fault: Fault | undefined): string {
  if (fault === undefined) return '✓'
  return fault.leftOut ? '-' : '✗'
}
