import { describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hasPrometheus } from '../../tools/prometheus-server.js'
import { anchorsOf } from '../support/markdown.js'
import { INSTRUMENTS } from '../../lib/metrics/instruments.js'

const RULES = readFileSync('docs/operate/prometheus-rules.yml', 'utf8')
const CASES = readFileSync('docs/operate/prometheus-rules.test.yml', 'utf8')
const DASHBOARD = readFileSync('docs/operate/grafana-dashboard.json', 'utf8')
const ALERTS = [...RULES.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)

const promtool = (...args: readonly string[]): string =>
  execFileSync('promtool', args, { encoding: 'utf8', cwd: 'docs/operate' })

const withPromtool = hasPrometheus() ? describe : describe.skip
const skipped = hasPrometheus() ? '' : ' (skipped: install the Debian package prometheus)'

withPromtool(`the rules for Prometheus, to promtool${skipped}`, () => {
  it('are rules', () => {
    expect(promtool('check', 'rules', 'prometheus-rules.yml')).toContain('SUCCESS')
  })

  it('speak where they must, and are quiet where they must', () => {
    expect(promtool('test', 'rules', 'prometheus-rules.test.yml')).toContain('SUCCESS')
  })
})

describe('the rules for Prometheus', () => {
  it.each(ALERTS)('%s is tested for both', (alert) => {
    const cases = CASES.split('- name:').filter((text) => text.includes(`alertname: ${alert}\n`))
    expect(cases.map((text) => text.includes('exp_alerts'))).toEqual([true, false])
  })

  it('lead each to a heading of the runbook', () => {
    const anchors = anchorsOf(readFileSync('docs/operate.md', 'utf8'))
    const runbooks = [...RULES.matchAll(/runbook: operate\.md#(\S+)/g)].map(
      ([, anchor = '']) => anchor,
    )
    expect(runbooks).toHaveLength(ALERTS.length)
    expect(runbooks.filter((anchor) => !anchors.has(anchor))).toEqual([])
  })

  it('and the dashboard name no metric that is not there', () => {
    const names = Object.values(INSTRUMENTS).map(({ name }) => name.replaceAll('.', '_'))
    const used = [...`${RULES}${DASHBOARD}`.matchAll(/\bers_[a-z_]+/g)].map(([name]) => name)
    expect(used.length).toBeGreaterThan(30)
    expect(used.filter((name) => !names.some((known) => name.startsWith(known)))).toEqual([])
  })
})
