// `npm run demo` serves a page that shows a token's life; `-- --check` drives it in real browsers.
// `npm run demo -- --tour` shows the guards in the terminal; with `--check` it ends after the tour, with
// 1 where an answer is not as told.
import { parseArgs } from 'node:util'
import { CannotStart } from './redis.js'

const options = { check: { type: 'boolean' }, tour: { type: 'boolean' } } as const
const { check = false, tour = false } = parseArgs({ options }).values
try {
  if (tour) await (await import('./tour-main.js')).showTour(check)
  else if (check) process.exitCode = await checkPage()
  else await (await import('./living/main.js')).showPage()
} catch (error) {
  if (!(error instanceof CannotStart)) throw error
  process.stderr.write(`${error.message}\n`)
  // What was started until then ends with this process.
  process.exit(1)
}

/** The driver of browsers is compiled apart, because its types need those of pages. */
async function checkPage(): Promise<number> {
  const driver = new URL('../../test/real-browsers/demo-check.js', import.meta.url).href
  const { checkDemo } = (await import(driver)) as {
    checkDemo: (print: (line: string) => void) => Promise<number>
  }
  return checkDemo((line) => void process.stdout.write(`${line}\n`))
}
