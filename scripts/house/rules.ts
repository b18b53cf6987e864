import { MAX_CLOSURE_LINES } from './closures.js'
import type { SourceFile } from './graph.js'
import type { Room } from './room.js'
import { ROOMS } from './rooms.js'

const MAX_FILE_LINES = 210

/** Each import that the table of rooms does not allow, and each file or function that is too long, as a sentence. */
export function brokenRules(files: readonly SourceFile[]): readonly string[] {
  return [
    ...files.flatMap(brokenBy),
    ...arrowsUp(files),
    ...circles(files),
    ...files.flatMap(tooLong),
  ]
}

/** The table lists the rooms from the ground up: each import of a room that stands further down in it. */
export function arrowsUp(files: readonly SourceFile[]): readonly string[] {
  const floors = Object.keys(ROOMS)
  const floorOf = (folder: string): number => floors.indexOf(roomOf(folder)?.name ?? '')
  return files
    .filter(({ folder }) => folder !== '')
    .flatMap(({ path, folder, imports }) =>
      imports
        .filter((target) => floorOf(folderOf(target)) > floorOf(folder))
        .map((target) => `${path} imports ${target}, which stands above it`),
    )
}

function tooLong({ path, codeLines, longClosures }: SourceFile): readonly string[] {
  const file =
    codeLines > MAX_FILE_LINES ? [`${codeLines} code lines, above ${MAX_FILE_LINES}`] : []
  const functions = longClosures.map(
    ({ name, lines }) => `${name} has ${lines} lines, above ${MAX_CLOSURE_LINES}`,
  )
  return [...file, ...functions].map((fault) => `${path}: ${fault}`)
}

function brokenBy(file: SourceFile): readonly string[] {
  if (file.folder === '') return []
  const own = roomOf(file.folder)
  if (own === undefined) return [`${file.path} stands in no room of scripts/house/rooms.ts`]
  const { name, room } = own
  const imports = file.imports
    .filter((target) => !mayImport(file, name, room, target))
    .map((target) => `${file.path} imports ${target}, which ${name} may not`)
  const packages = file.packages
    .filter((specifier) => !(room.packages ?? []).includes(packageOf(specifier)))
    .map((specifier) => `${file.path} imports the package ${specifier}, which ${name} may not`)
  return [...imports, ...packages]
}

/** `jose/jwe/compact/decrypt` is of the package jose. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function mayImport(file: SourceFile, name: string, room: Room, target: string): boolean {
  const folder = folderOf(target)
  if (folder === file.folder) return room.siblings !== false
  const home = roomOf(folder)?.name
  return (
    home === name || isCore(home, name) || room.imports.some((allowed) => covers(allowed, home))
  )
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** All stand on `core`; `core` itself stands on nothing. */
function isCore(home: string | undefined, name: string): boolean {
  return home === 'core' || (name !== 'core' && home?.startsWith('core/') === true)
}

/** `tokens/issuers/` covers that room and those inside it, `revocation` that room alone. */
function covers(allowed: string, room: string | undefined): boolean {
  return allowed.endsWith('/') ? `${room}/`.startsWith(allowed) : room === allowed
}

/** The innermost room that holds the folder. */
function roomOf(folder: string): { readonly name: string; readonly room: Room } | undefined {
  for (let name = folder; ; name = name.slice(0, name.lastIndexOf('/'))) {
    const room = ROOMS[name]
    if (room !== undefined) return { name, room }
    if (!name.includes('/')) return undefined
  }
}

/** Files that import each other round a circle, each circle once. */
export function circles(files: readonly SourceFile[]): readonly string[] {
  const imports = new Map(files.map((file) => [file.path, file.imports]))
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push(`a circle: ${[...trail, path].join(' -> ')}`)
    if (trail.includes(path) || done.has(path)) return
    for (const target of imports.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) walk(path, [])
  return found
}
