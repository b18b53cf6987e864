import { readFileSync } from 'node:fs'
import type { SourceFile } from './graph.js'

/** Files that had no suite when the rule began, one a line. It may only shrink. */
export const WITHOUT_SUITE = 'scripts/house/without-suite.txt'

/** Their files are rows of one table, which one suite goes through: that of the folder. */
const TABLES = ['core/verdicts/reasons', 'tokens/issuers/presets']

export function readWithoutSuite(root: string): readonly string[] {
  return readFileSync(`${root}${WITHOUT_SUITE}`, 'utf8').split('\n').filter(Boolean)
}

/** `a/b.ts` has one at `test/a/b.test.ts`, or `test/a/b.<aspect>.test.ts` where they are many. */
export function lacksSuite(
  files: readonly SourceFile[],
  tests: readonly string[],
): readonly string[] {
  const tested = new Set(tests.map((test) => test.replace(/^test\/|(?:\.[\w-]+)*\.test\.ts$/g, '')))
  const isTable = (folder: string): boolean => TABLES.includes(folder) && tested.has(folder)
  return files
    .filter(({ runs, path, folder }) => runs && !tested.has(stemOf(path)) && !isTable(folder))
    .map(({ path }) => path)
}

/** Each file that must have a suite and has none. */
export function brokenSuites(
  lacking: readonly string[],
  exceptions: readonly string[],
): readonly string[] {
  return lacking
    .filter((path) => !exceptions.includes(path))
    .map((path) => `${path} has no suite: test/${stemOf(path)}.test.ts`)
}

function stemOf(path: string): string {
  return path.slice(0, -'.ts'.length)
}
