import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, type } from 'node:os'
import { CAN_PIN } from '../processes.js'

/** Where and with what figures were taken, without which they mean nothing. */
export function describeSetting() {
  return { machine: describeMachine(), versions: { ...peerVersions(), ...ownVersions() } }
}

export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    architecture: arch(),
    system: `${type()} ${release()}`,
    pinned: CAN_PIN,
    loadBefore: loadavg().map((load) => Math.round(load * 100) / 100),
  }
}

export function ownVersions() {
  return { redis: redisVersion(), ours: ourCommit() }
}

function peerVersions() {
  const { dependencies } = readJson('../package.json')
  const names = Object.keys(dependencies).filter((name) => name !== 'node')
  return Object.fromEntries(
    names.map((name) => [name, readJson(`../node_modules/${name}/package.json`).version]),
  )
}

function redisVersion() {
  return /v=(\S+)/.exec(output('redis-server', ['--version']))?.[1] ?? 'unknown'
}

function ourCommit() {
  return output('git', ['describe', '--always', '--dirty']).trim()
}

function output(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return 'unknown'
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}
