import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { section, tablesOf } from './support/markdown.js'

const cellsOf = (row: string): string[] => row.split('|').map((cell) => cell.trim())
const page = readFileSync('docs/comparison.md', 'utf8')
const performance = readFileSync('docs/performance.md', 'utf8')
const bench = JSON.parse(readFileSync('bench/package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}
const migration = JSON.parse(readFileSync('test/consumers/migration/package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}

describe('docs/comparison.md', () => {
  const figures = tablesOf(section(page, 'Figures')).split('\n').slice(2).map(cellsOf)
  const measured = tablesOf(section(performance, 'RS256, 1000 rotating tokens, 50 connections'))
    .split('\n')
    .map(cellsOf)

  it.each(figures.map(([, stack = '', figure = '']) => [stack, figure] as const))(
    'has the figure of the bench for %s',
    (stack, figure) => {
      const row = measured.find(([, name]) => name === stack)
      expect(row?.[4]).toBe(figure)
    },
  )

  it('names packages in the versions that are run beside ours', () => {
    const named = [...page.matchAll(/\[(@?[a-z][\w/-]*) (\d+\.\d+\.\d+)\]/g)]
    expect(named.length).toBeGreaterThan(6)
    for (const [, name = '', version] of named) {
      const pinned = migration.dependencies[name] ?? bench.dependencies[name]?.replace('^', '')
      expect([name, pinned]).toEqual([name, version])
    }
  })
})
