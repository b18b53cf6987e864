// Plays every fault of an issuer against keys in every state, over real sockets and with the default
// options, prints what came of it and writes docs/hostile-issuer.md. Ends with an error where a status,
// a time or a gap between requests is not what test/hostile/hostile-issuer.test.ts asks for.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CALL_FAULTS, FAULTS } from '../tools/faults.js'
import type { KeyState, Readings, Target } from '../tools/hostile-cell.js'
import type { CallReadings } from '../tools/hostile-introspection.js'
import { ROOT, runJest, tableCell } from '../tools/run-jest.js'

const STATES: readonly (readonly [state: KeyState, meaning: string])[] = [
  ['cold', 'no keys yet'],
  ['warm', 'keys within their lifetime'],
  ['stale', 'keys past their lifetime'],
  ['dead', 'keys too old to serve'],
]
const TARGETS: readonly (readonly [target: Target, title: string])[] = [
  ['jwks', 'The JWKS is at fault'],
  ['metadata', 'The metadata is at fault'],
  ['both', 'Both are at fault'],
]

const HEADER = [
  'keys',
  'fault',
  'good token',
  'token by a rotated key',
  'slowest answer, ms',
  'longest stall, ms',
  'requests (metadata + JWKS)',
  'healed after, ms',
]

function row(seen: Readings): readonly string[] {
  return [
    seen.state,
    seen.fault,
    seen.statuses.join(' or '),
    seen.rotated.length === 0 ? '-' : seen.rotated.join(' or '),
    seen.answerMs.toFixed(0),
    seen.stallMs.toFixed(0),
    `${seen.requests.metadata.length} + ${seen.requests.jwks.length}`,
    seen.healMs.toFixed(0),
  ]
}

function markdown(rows: readonly (readonly string[])[], header = HEADER): string {
  const lines = [header, header.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map(tableCell).join(' | ')} |`).join('\n')
}

function plain(rows: readonly (readonly string[])[]): string {
  const lines = [HEADER, ...rows]
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column]!)).join('  '))
    .join('\n')
}

function rowsOf(target: Target): readonly (readonly string[])[] {
  return STATES.flatMap(([state]) =>
    FAULTS.flatMap((fault) =>
      readings.filter(
        (seen) => seen.target === target && seen.state === state && seen.fault === fault,
      ),
    ),
  ).map(row)
}

function worst(pick: (seen: Readings) => number): string {
  return Math.max(...readings.map(pick)).toFixed(0)
}

// Four at a time: more would measure this machine, not the issuer.
const { report, passed: keysPassed } = runJest((path) => ({
  args: ['--maxConcurrency=4', 'test/hostile/hostile-issuer.test.ts'],
  env: { HOSTILE_ISSUER_REPORT: path },
}))
const readings = report as readonly Readings[]
const summary = `${readings.length} cases; the slowest answer took ${worst(({ answerMs }) => answerMs)} ms, the longest stall ${worst(({ stallMs }) => stallMs)} ms, the slowest recovery ${worst(({ healMs }) => healMs)} ms.`
const intro = [
  '# A hostile issuer',
  '',
  'What callers of an API see while the issuer of their tokens misbehaves. Written by',
  '`npm run hostile-issuer`; do not edit. Each case is played over real sockets, with the default',
  'options: two bursts of ten good tokens (and, with warm keys, ten by a key that was published after',
  'the last fetch), then the cure. Lifetimes of stale and dead keys are short, so that they end while',
  'somebody waits. Metadata alone makes no keys old: in its stale and dead cases the JWKS had failed',
  'before, and heals while the metadata stays bad.',
  '',
  'A set that gives away a private key is no fault of this table: tokens by that key are 401, and tokens by',
  'the other keys pass, as [keys.md](keys.md) says and the same test asserts.',
  '',
  `Asserted in every case: the status, an answer within 3 s, no stall of the process above 1 s, half a second at least between a try that failed and the next, healing within 5 s. ${summary}`,
  'Times are of one machine and one run; most of the time to heal is back-off, and with old keys the',
  'answers come from a back-off that had begun before, or wait for a refresh that had. A stall is the',
  'lateness of a timer in the process where four cases at once have their API, issuer and clients.',
  '',
  ...STATES.map(([state, meaning]) => `- ${state}: ${meaning}`),
]
const CALL_HEADER = [
  'answer held',
  'fault',
  'token',
  'slowest answer, ms',
  'longest stall, ms',
  'calls',
  'healed after, ms',
]
const asked = runJest((path) => ({
  args: ['--maxConcurrency=4', 'test/hostile/hostile-introspection.test.ts'],
  env: { HOSTILE_INTROSPECTION_REPORT: path },
}))
const calls = asked.report as readonly CallReadings[]
const callRows = (['none', 'fresh'] as const).flatMap((held) =>
  CALL_FAULTS.flatMap((fault) =>
    calls
      .filter((seen) => seen.held === held && seen.fault === fault)
      .map((seen) => [
        seen.held,
        seen.fault,
        seen.statuses.join(' or '),
        seen.answerMs.toFixed(0),
        seen.stallMs.toFixed(0),
        String(seen.calls.length),
        seen.healMs.toFixed(0),
      ]),
  ),
)
const introspection = [
  '## The introspection endpoint is at fault',
  '',
  'Two bursts of ten requests with one good opaque token, about which the issuer was asked before',
  '(fresh) or never (none).',
  '',
  markdown(callRows, CALL_HEADER),
].join('\n')
const sections = TARGETS.map(([target, title]) => `## ${title}\n\n${markdown(rowsOf(target))}`)
writeFileSync(
  join(ROOT, 'docs/hostile-issuer.md'),
  `${[intro.join('\n'), ...sections, introspection].join('\n\n')}\n`,
)
for (const [target, title] of TARGETS) console.log(`${title}\n${plain(rowsOf(target))}\n`)
const passed = keysPassed && asked.passed
console.log(`docs/hostile-issuer.md written. ${summary} ${passed ? 'All hold.' : 'NOT ALL HOLD.'}`)
process.exitCode = passed ? 0 : 1
