import { CANDIDATES } from './candidates/index.js'
import { quantile } from './quantile.js'

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
        cycles: cpu.length,
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

/** The median, and between which values half of the cycles lie. */
function spread(values) {
  return { median: quantile(values, 0.5), from: quantile(values, 0.25), to: quantile(values, 0.75) }
}

function pairs(base, own, combine) {
  return own.map((value, cycle) => combine(base[cycle], value))
}
