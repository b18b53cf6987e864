import { factsOf } from '../../http/guard/facts.js'

/** Routers within routers, lists within objects. */
const MAX_DEPTH = 12
const MAX_VALUES = 10_000

/** Guards of ours among these values: themselves, in lists and objects, and on Express apps and routers. */
export function guardsIn(values: readonly unknown[]): readonly object[] {
  const found = new Set<object>()
  const seen = new Set<object>()
  const visit = (value: unknown, depth: number): void => {
    if (!isObject(value) || seen.has(value) || depth > MAX_DEPTH || seen.size >= MAX_VALUES) return
    seen.add(value)
    if (factsOf(value).length > 0) found.add(value)
    for (const inner of [...layersOf(value), ...membersOf(value)]) visit(inner, depth + 1)
  }
  for (const value of values) visit(value, 0)
  return [...found]
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** What Express keeps of an app: `_router` in version 4, where `router` throws; `router` in version 5. */
function layersOf(value: object): readonly unknown[] {
  const { _router: older } = value as { readonly _router?: unknown }
  const router = isObject(older) ? older : routerOf(value)
  const { stack } = (isObject(router) ? router : value) as { readonly stack?: unknown }
  if (!Array.isArray(stack)) return []
  return stack.flatMap((layer: { readonly handle?: unknown; readonly route?: unknown }) => [
    layer.handle,
    layer.route,
  ])
}

function routerOf(value: object): unknown {
  try {
    return (value as { readonly router?: unknown }).router
  } catch {
    return undefined
  }
}

/** Of plain lists and objects: whatever else there is, it is not ours to look into. Getters may do anything. */
function membersOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return []
  return Object.values(Object.getOwnPropertyDescriptors(value)).map(
    ({ value: member }): unknown => member,
  )
}
