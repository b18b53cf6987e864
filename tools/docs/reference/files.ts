import { readFileSync } from 'node:fs'
import { extname } from 'node:path'

/** `<!-- file: test/consumers/start/app.mjs -->`, then its text as a block of code, then `<!-- end -->`. */
const MARKED = /^<!-- file: ([\w./-]+) -->\n.*?^<!-- end -->$/gms

/** The page with each marked file as it is run by its test. */
export function withFiles(page: string): string {
  return page.replaceAll(MARKED, (_marked, path: string) => {
    const language = extname(path) === '.ts' ? 'ts' : 'js'
    const code = readFileSync(path, 'utf8').trimEnd()
    return [`<!-- file: ${path} -->`, `\`\`\`${language}\n${code}\n\`\`\``, '<!-- end -->'].join(
      '\n\n',
    )
  })
}
