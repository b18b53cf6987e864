// Writes docs/images/dashboard.webp: what the panels of docs/operate/grafana-dashboard.json show of an API
// that is flooded, and whose issuer fails. A real Prometheus scrapes it, and answers every query.
import { readFileSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { startPrometheus, type PrometheusServer } from '../../../tools/prometheus-server.js'
import { launchBrowsers } from '../browsers.js'
import { dashboardPage, type DrawnPanel, type Line } from './page.js'
import { startWatchedApi } from './watched-api.js'

const PATH = 'docs/images/dashboard.webp'
const MAX_BYTES = 80_000
/** Seconds of each. */
const DAY = { ordinary: 25, flood: 15, outage: 15 } as const

interface Panel {
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly w: number }
  readonly fieldConfig: { readonly defaults: { readonly unit: string } }
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const { title, panels } = JSON.parse(
  readFileSync('docs/operate/grafana-dashboard.json', 'utf8'),
) as { readonly title: string; readonly panels: readonly Panel[] }

const api = await startWatchedApi()
const prometheus = await startPrometheus(
  [`127.0.0.1:${api.port}`],
  resolve('docs/operate/prometheus-rules.yml'),
)
const [first, ...others] = await launchBrowsers()
if (first === undefined) throw new Error('Neither chromium nor firefox-esr is on PATH')
try {
  const begin = Date.now() / 1000
  for (const [part, seconds] of Object.entries(DAY) as [keyof typeof DAY, number][]) {
    for (let n = 0; n < seconds; n += 1) {
      await Promise.all([api[part](), new Promise((done) => setTimeout(done, 1000))])
    }
    if (part === 'flood') await saveScrape()
  }
  const drawn = await Promise.all(panels.map((panel) => draw(panel, begin)))
  const empty = drawn.filter(({ lines }) => lines.length === 0).map((panel) => panel.title)
  if (empty.length > 0) throw new Error(`No data for ${empty.join(', ')}`)
  const page = await first.browser.newPage()
  await page.setViewport({ width: 1280, height: 800 })
  await page.setContent(dashboardPage(title, drawn))
  await page.screenshot({ path: PATH, type: 'webp', quality: 50, fullPage: true })
  const { size } = await stat(PATH)
  if (size > MAX_BYTES) throw new Error(`${PATH} has ${size} bytes, ${MAX_BYTES} at most`)
  console.log(`${PATH} ${size} bytes`)
} finally {
  await Promise.all([first, ...others].map((running) => running.close()))
  await prometheus.stop()
  await api.close()
}

/** For whoever wants to read it: `SCRAPE=file npm run docs:dashboard`. */
async function saveScrape(): Promise<void> {
  const path = process.env['SCRAPE']
  if (path !== undefined) writeFileSync(path, await (await fetch(`${api.url}/metrics`)).text())
}

async function draw(panel: Panel, begin: number): Promise<DrawnPanel> {
  const lines = await Promise.all(
    panel.targets.map(({ expr, legendFormat }) => linesOf(prometheus, expr, legendFormat, begin)),
  )
  return {
    title: panel.title,
    unit: panel.fieldConfig.defaults.unit,
    width: panel.gridPos.w,
    isStat: panel.type === 'stat',
    lines: lines.flat(),
  }
}

async function linesOf(
  from: PrometheusServer,
  expr: string,
  legend: string,
  begin: number,
): Promise<readonly Line[]> {
  const query = expr.replaceAll('$__rate_interval', '5s').replaceAll('$job', '.*')
  const range = { start: String(begin), end: String(Date.now() / 1000), step: '1' }
  const { result } = (await from.ask('query_range', { query, ...range })) as {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly values: readonly (readonly [number, string])[]
    }[]
  }
  return result.map(({ metric, values }) => ({
    name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_all, label: string) => metric[label] ?? '').trim(),
    points: values
      .map(([at, value]) => [at, Number(value)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }))
}
