import type { SourceFile } from './graph.js'

/** Their files are rows of one table, which one suite goes through: that of the folder. */
const TABLES = ['core/verdicts/reasons', 'tokens/issuers/presets']

/**
 * Each file that runs and has no suite: that of `a/b.ts` is `test/a/b.test.ts`, or
 * `test/a/b.<aspect>.test.ts` where they are many.
 */
export function brokenSuites(
  files: readonly SourceFile[],
  tests: readonly string[],
): readonly string[] {
  const tested = new Set(tests.map((test) => test.replace(/^test\/|(?:\.[\w-]+)*\.test\.ts$/g, '')))
  const isTable = (folder: string): boolean => TABLES.includes(folder) && tested.has(folder)
  return files
    .filter(({ runs, path, folder }) => runs && !tested.has(stemOf(path)) && !isTable(folder))
    .map(({ path }) => `${path} has no suite: test/${stemOf(path)}.test.ts`)
}

function stemOf(path: string): string {
  return path.slice(0, -'.ts'.length)
}
