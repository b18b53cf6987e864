import { CANDIDATES } from './candidates/index.js'

const BASE = 'express'

/**
 * What the tables show of one workload. Ratios are the medians of ratios within a cycle, because
 * figures taken minutes apart differ more by the machine than by the code.
 */
export function summarize({ cycles, blocks }) {
  const base = blocks[BASE]
  const rows = CANDIDATES.filter(({ id }) => blocks[id] !== undefined).map(
    ({ id, title, kind, against }) => {
      const { cpu, p50, p99 } = blocks[id]
      return {
        id,
        title,
        kind,
        cpuMicros: { p10: quantile(cpu, 0.1), median: quantile(cpu, 0.5) },
        overBaseMicros: quantile(
          pairs(base.cpu, cpu, (b, own) => own - b),
          0.5,
        ),
        ratio: spread(pairs(base.cpu, cpu, (b, own) => b / own)),
        ...(against === undefined || blocks[against] === undefined
          ? {}
          : {
              against,
              ratioAgainst: spread(pairs(blocks[against].cpu, cpu, (b, own) => b / own)),
            }),
        latencyMs: { p50: quantile(p50, 0.5), p99: quantile(p99, 0.5) },
      }
    },
  )
  return { cycles, rows }
}

export function quantile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * fraction
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return round(low + (high - low) * (at - Math.floor(at)))
}

/** The median, and between which values half of the cycles lie. */
function spread(values) {
  return { median: quantile(values, 0.5), from: quantile(values, 0.25), to: quantile(values, 0.75) }
}

function pairs(base, own, combine) {
  return own.map((value, cycle) => combine(base[cycle], value))
}

function round(value) {
  return Math.round(value * 1000) / 1000
}
