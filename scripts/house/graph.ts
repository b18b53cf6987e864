import { parseSync } from '@swc/core'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { longClosures, type LongClosure } from './closures.js'
import { isCode } from './code-lines.js'
import { hasRuntimeCode } from './runtime-code.js'

export interface SourceFile {
  /** Relative to `lib/`. */
  readonly path: string
  /** The folder it stands in; '' for an entry file. */
  readonly folder: string
  /** Relative to `lib/`. */
  readonly imports: readonly string[]
  readonly packages: readonly string[]
  readonly codeLines: number
  /** Not only types, and not an entry that only names what other files export. */
  readonly runs: boolean
  readonly longClosures: readonly LongClosure[]
}

/** Every file of `lib/` that git tracks or would track, with its imports. */
export function readHouse(root: string): readonly SourceFile[] {
  const paths = listFiles(root, 'lib').filter((path) => path.endsWith('.ts'))
  return paths.map((path) => readSource(root, path))
}

/** Files of a folder that git tracks or would track, as they stand there now. */
export function listFiles(root: string, folder: string): readonly string[] {
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', folder]
  const listed = execFileSync('git', git, { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((path) => path !== '' && existsSync(posix.join(root, path)))
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(posix.join(root, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  const tree = parseSync(text, { syntax: 'typescript' })
  const within = posix.relative('lib', path)
  const folder = posix.dirname(within)
  return {
    path: within,
    folder: folder === '.' ? '' : folder,
    imports: specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(folder, specifier).replace(/\.js$/, '.ts')),
    packages: specifiers.filter((specifier) => !/^(?:\.|node:)/.test(specifier)),
    codeLines: text.split('\n').filter(isCode).length,
    runs: hasRuntimeCode(tree),
    longClosures: longClosures(text, tree),
  }
}
