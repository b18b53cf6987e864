import { MAX_CLOSURE_LINES } from './closures.js'
import type { SourceFile } from './graph.js'
import { arrowsUp, circles } from './rules.js'

/** The house in figures, a line each. */
export function figuresOf(files: readonly SourceFile[]): readonly string[] {
  const folders = [...new Set(files.map((file) => file.folder).toSorted())]
  const long = files.flatMap(({ longClosures }) => longClosures)
  return [
    ...folders.map((folder) => {
      const inside = files.filter((file) => file.folder === folder)
      return `${line(inside)}  lib/${folder}`
    }),
    `${line(files)}  in all`,
    `${folders.length} folders, most files in one: ${mostFiles(files, folders)}`,
    `largest file: ${largest(files)}`,
    `${arrowsUp(files).length} arrows up, ${circles(files).length} circles`,
    `${long.length} functions above ${MAX_CLOSURE_LINES} lines`,
  ]
}

function line(some: readonly SourceFile[]): string {
  const sizes = some.map(({ codeLines }) => codeLines).toSorted((a, b) => a - b)
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0
  const most = sizes.at(-1) ?? 0
  return `${pad(some.length)} files, code lines: median ${pad(median)}, most ${pad(most)}`
}

function mostFiles(files: readonly SourceFile[], folders: readonly string[]): string {
  const counted = folders.map((folder) => {
    const count = files.filter((file) => file.folder === folder).length
    return { folder, count }
  })
  const [first] = counted.toSorted((a, b) => b.count - a.count)
  return `${first?.count ?? 0} in lib/${first?.folder ?? ''}`
}

function largest(files: readonly SourceFile[]): string {
  const [first] = files.toSorted((a, b) => b.codeLines - a.codeLines)
  return `${first?.codeLines ?? 0} code lines, lib/${first?.path ?? ''}`
}

function pad(count: number): string {
  return String(count).padStart(3)
}
