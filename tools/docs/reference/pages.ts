import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { declarationsOf, type Declarations } from './declarations.js'
import { withDiffs } from './diffs.js'
import { withFiles } from './files.js'
import { withFunctions } from './functions.js'
import { withTables } from './tables.js'

export interface PrintedPage {
  readonly path: string
  readonly printed: string
}

/** Every page of docs/ that holds a marked table or file, as it should be. */
export async function printedPages(
  declarations: Declarations = declarationsOf('lib'),
): Promise<readonly PrintedPage[]> {
  const settings = { ...(await resolveConfig('docs/README.md')), parser: 'markdown' }
  const paths = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path))
    .filter((path) =>
      /^<!-- (?:options|members|export|file|diff): /m.test(readFileSync(path, 'utf8')),
    )
  const print = async (path: string): Promise<PrintedPage> => {
    const tabled = withTables(readFileSync(path, 'utf8'), declarations)
    const page = withDiffs(withFiles(withFunctions(tabled, declarations)))
    return { path, printed: await format(page, settings) }
  }
  return Promise.all(paths.toSorted().map(print))
}
