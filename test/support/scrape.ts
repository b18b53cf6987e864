import type { Registry } from 'prom-client'

/** What a scrape brings. */
export interface Scrape {
  readonly text: string
  /** Without comments and empty lines. */
  readonly lines: readonly string[]
}

export async function scrape(register: Registry): Promise<Scrape> {
  const text = await register.metrics()
  return { text, lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) }
}

/** The series, without their values. */
export function seriesOf({ lines }: Scrape): readonly string[] {
  return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).toSorted()
}

/** The value of one series; undefined where there is none. */
export function valueOf(
  { lines }: Scrape,
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const line = lines.find(
    (candidate) =>
      candidate.startsWith(`${name}{`) &&
      wanted.length === candidate.split('",').length &&
      wanted.every((pair) => candidate.includes(pair)),
  )
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
}
