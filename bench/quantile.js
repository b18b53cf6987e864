export function quantile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * fraction
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return round(low + (high - low) * (at - Math.floor(at)))
}

export function round(value) {
  return Math.round(value * 1000) / 1000
}
