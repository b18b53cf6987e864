/** One thing that is measured. Prometheus writes `_` for each dot, and the unit or `_total` behind. */
export interface Instrument {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly unit?: 'seconds'
  /** Read from `health` when somebody collects; there is none without it. */
  readonly fromHealth?: true
}

const TABLE = {
  verdicts: {
    name: 'ers.verdicts',
    kind: 'counter',
    help: 'Verdicts of guards and endpoints; reason is empty where the request passed.',
    labels: ['guard', 'outcome', 'reason'],
  },
  duration: {
    name: 'ers.bearer.duration',
    kind: 'histogram',
    help: 'How long the verdict on a token took, waiting for keys and for other tokens included.',
    labels: ['outcome'],
    unit: 'seconds',
  },
  denylist: {
    name: 'ers.denylist.duration',
    kind: 'histogram',
    help: 'How long jtiBlocklist waited for the denylist to answer.',
    labels: ['outcome'],
    unit: 'seconds',
  },
  events: {
    name: 'ers.events',
    kind: 'counter',
    help: 'Events other than verdicts, by name.',
    labels: ['event'],
  },
  revocations: {
    name: 'ers.revocations',
    kind: 'counter',
    help: 'Revocations stored by logout, backChannelLogout and signals of others.',
    labels: ['endpoint', 'scope'],
  },
  anomalies: {
    name: 'ers.anomalies',
    kind: 'counter',
    help: 'Alerts of anomalyRules.',
    labels: ['rule'],
  },
  up: {
    name: 'ers.up',
    kind: 'gauge',
    help: 'Whether something that verdicts depend on answers: 1 or 0. Absent until it was first heard of.',
    labels: ['part', 'name'],
  },
  ready: {
    name: 'ers.ready',
    kind: 'gauge',
    help: 'Whether requests can be judged by a part of health(): 1 or 0.',
    labels: ['part', 'name'],
    fromHealth: true,
  },
  keysUsable: {
    name: 'ers.keys.usable',
    kind: 'gauge',
    help: 'How much longer the keys of an issuer are served if no refresh succeeds.',
    labels: ['issuer'],
    unit: 'seconds',
    fromHealth: true,
  },
} as const

export type InstrumentName = keyof typeof TABLE

/** All that is measured. Values of labels are from closed or bounded sets; `labels.ts` says how. */
export const INSTRUMENTS: Readonly<Record<InstrumentName, Instrument>> = TABLE

/** Seconds: a known token takes microseconds, a fetch of keys up to 2.5 seconds. */
export const BUCKETS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
  0.25, 0.5, 1, 2.5,
]

/** Where measurements go. The values of labels come in the order of the instrument's own. */
export interface Recorder {
  /** Adds to a counter. */
  add(name: InstrumentName, labels: readonly string[], by?: number): void
  /** Sets a gauge. */
  set(name: InstrumentName, labels: readonly string[], value: number): void
  /** Adds a value to a histogram. */
  observe(name: InstrumentName, labels: readonly string[], value: number): void
}
