import { describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hasPrometheus, startPrometheus } from '../../tools/prometheus-server.js'
import { freePort } from '../../lib/testing/free-port.js'
import { compiled } from '../../tools/typescript-process.js'

/** As `npm run demo -- --tour --check` does, with figures at a port of its own. */
async function watchedDemo(metricsPort: number): Promise<string> {
  const watcher = pathToFileURL(compiled('test/support/watched-demo.ts')).href
  const child = spawn(
    process.execPath,
    ['--import', watcher, compiled('examples/demo/main.ts'), '--tour', '--check'],
    {
      env: { ...process.env, REDIS_URL: '', METRICS_PORT: String(metricsPort) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return output
}

const withPrometheus = hasPrometheus() ? describe : describe.skip
const skipped = hasPrometheus() ? '' : ' (skipped: install the Debian package prometheus)'

withPrometheus(`the demo, scraped by a real Prometheus${skipped}`, () => {
  it('is counted from good tokens to outages, and raises no false alarm', async () => {
    const port = await freePort()
    const rules = resolve('docs/operate/prometheus-rules.yml')
    const prometheus = await startPrometheus([`127.0.0.1:${port}`], rules)
    try {
      const output = await watchedDemo(port)
      expect(output).toMatch(/All \d+ answers were as told/)
      // Of the chapter in which a refresh token is stolen and used.
      expect(output.match(/ALARM \w+/g)).toEqual(['ALARM family_reused'])
      const seen = await prometheus.query(
        'sum by (outcome) (max_over_time(ers_verdicts_total[5m])) > 0',
      )
      const outcomes = new Set(seen.map(({ metric }) => metric['outcome']))
      expect(outcomes).toEqual(new Set(['accepted', 'refused', 'unavailable']))
      // Outages of a moment fall between two scrapes of a gauge, and are counted all the same.
      const events = await prometheus.query('max_over_time(ers_events_total[5m]) > 0')
      const names = events.map(({ metric }) => metric['event'])
      expect(names).toEqual(expect.arrayContaining(['keys.failed', 'revocation.state']))
    } finally {
      await prometheus.stop()
    }
  }, 180_000)
})
