/** `tokens`: how many are alive at once, or `unique`: each request brings one never seen before. */
function workload(algorithm, tokens, connections) {
  const name = `${algorithm}, ${describe(tokens)}, ${connections} connections`
  return { name: name.replace(/\b1 connections/, '1 connection'), algorithm, tokens, connections }
}

function describe(tokens) {
  if (tokens === 'unique') return 'never-seen tokens'
  return tokens === 1 ? 'one hot token' : `${tokens} rotating tokens`
}

/**
 * What the README and the chart show. It gets three times as long, so that differences can be told
 * from noise.
 */
export const MAIN_WORKLOAD = workload('RS256', 1000, 50).name
const MAIN_SHARE = 3

/** For how long to measure a workload, where most take `seconds`. */
export function secondsFor({ name }, seconds) {
  return name === MAIN_WORKLOAD ? MAIN_SHARE * seconds : seconds
}

const MAIN = [
  workload('RS256', 1000, 50),
  workload('RS256', 1, 50),
  workload('RS256', 'unique', 50),
]

const MORE = [
  workload('RS256', 1000, 1),
  workload('RS256', 1000, 200),
  workload('ES256', 1000, 50),
  workload('ES256', 'unique', 50),
  workload('EdDSA', 1000, 50),
  workload('EdDSA', 'unique', 50),
]

/** How much to do: with both Nodes, the whole takes less than 10 minutes, and `--quick` less than 2. */
export function planFor({ quick, seconds }) {
  return quick
    ? { workloads: MAIN, seconds: seconds ?? 14, memory: false, nodes: ['24'] }
    : { workloads: [...MAIN, ...MORE], seconds: seconds ?? 12, memory: true, nodes: ['24', 'own'] }
}
