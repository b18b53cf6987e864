/** One workload as a markdown table. */
export function table({ name, cycles, rows, leftOut }, memory = {}) {
  const columns = [
    ['stack', ({ title, kind }) => (kind === 'ours' ? `**${title}**` : title)],
    ['CPU µs/request, p10', ({ cpuMicros }) => cpuMicros.p10.toFixed(1)],
    ['median', ({ cpuMicros }) => cpuMicros.median.toFixed(1)],
    ['over bare Express', ({ overBaseMicros }) => signed(overBaseMicros)],
    ['bare Express / it', ({ ratio }) => `${ratio.median.toFixed(2)} (${range(ratio)})`],
    [
      'batched Express / it',
      ({ ratioAgainst }) => (ratioAgainst === undefined ? '' : ratioAgainst.median.toFixed(2)),
    ],
    ['p50 ms', ({ latencyMs }) => latencyMs.p50.toFixed(2)],
    ['p99 ms', ({ latencyMs }) => latencyMs.p99.toFixed(2)],
  ]
  if (Object.keys(memory).length > 0) columns.push(['RSS MB', ({ id }) => memory[id] ?? ''])
  const fewer = rows.filter((row) => row.cycles < cycles)
  const few = fewer.map((row) => `Too slow for more than ${row.cycles} of them: ${row.title}.`)
  const notes = Object.entries(leftOut).map(([id, why]) => `Left out: ${id} (${why}).`)
  return [
    `### ${name}`,
    '',
    markdownTable(columns, rows),
    '',
    `${cycles} cycles.`,
    ...few,
    ...notes,
    '',
  ].join('\n')
}

/** `columns` are pairs of a title and what makes a row a cell. */
export function markdownTable(columns, rows) {
  return [
    line(columns.map(([title]) => title)),
    line(columns.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n')
}

function line(cells) {
  return `| ${cells.join(' | ')} |`
}

function signed(value) {
  return value > 0 ? `+${value.toFixed(1)}` : value.toFixed(1)
}

function range({ from, to }) {
  return `${from.toFixed(2)} to ${to.toFixed(2)}`
}
