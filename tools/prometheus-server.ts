import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../lib/testing/free-port.js'
import { until } from './until.js'

/** A Prometheus of our own, on loopback, that asks each target once a second. */
export interface PrometheusServer {
  readonly url: string
  /** The answer of `/api/v1/<path>`, whose status must be `success`. */
  ask(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>
  /** The samples that an expression has now. */
  query(expression: string): Promise<readonly PrometheusSample[]>
  stop(): Promise<void>
}

export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

/** Whether Debian's package `prometheus` is there, which has both. */
export function hasPrometheus(): boolean {
  return ['prometheus', 'promtool'].every(
    (binary) => spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0,
  )
}

/** @param ruleFile Absolute. */
export async function startPrometheus(
  targets: readonly string[],
  ruleFile: string,
): Promise<PrometheusServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'ers-prometheus-'))
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [ruleFile],
    scrape_configs: [{ job_name: 'api', static_configs: [{ targets }] }],
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const endWithUs = (): void => void server.kill('SIGKILL')
  process.once('exit', endWithUs)
  const url = `http://127.0.0.1:${port}`

  async function ask(
    path: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const answer = await fetch(
      `${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`,
    )
    const body = (await answer.json()) as { status: string; data?: unknown; error?: string }
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
    return body.data
  }

  async function stop(): Promise<void> {
    process.removeListener('exit', endWithUs)
    if (server.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await until(async () => {
      const { ok } = await fetch(`${url}/-/ready`)
      if (!ok) throw new Error('Prometheus is not ready')
    }, 20_000)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    ask,
    async query(expression) {
      const data = await ask('query', { query: expression })
      return (data as { readonly result: readonly PrometheusSample[] }).result
    },
    stop,
  }
}
