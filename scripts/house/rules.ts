import { MAX_CLOSURE_LINES, type SourceFile } from './graph.js'
import { ROOMS, type Room } from './rooms.js'

/** Each import that the table of rooms does not allow, and each function that is too long, as a sentence. */
export function brokenRules(files: readonly SourceFile[]): readonly string[] {
  return [...files.flatMap(brokenBy), ...circles(files), ...files.flatMap(tooLong)]
}

function tooLong({ path, longClosures }: SourceFile): readonly string[] {
  return longClosures.map(
    ({ name, lines }) => `${path}: ${name} has ${lines} lines, above ${MAX_CLOSURE_LINES}`,
  )
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
  const folder = target.includes('/') ? target.slice(0, target.lastIndexOf('/')) : ''
  if (folder === file.folder) return room.siblings !== false
  const home = roomOf(folder)?.name
  return (
    home === name || isCore(home, name) || room.imports.some((allowed) => covers(allowed, home))
  )
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
function circles(files: readonly SourceFile[]): readonly string[] {
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
