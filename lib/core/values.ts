/** An object that is neither null nor a list: what JSON calls an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value must be awaited. Not by its class: query builders return what is no Promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value['then'] === 'function'
}

/** What was thrown, in words: JavaScript can throw anything, also what cannot be made a text. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return typeof error
  }
}

/** The `code` that Node puts on its errors. By its looks: in a test framework they are of another realm's class. */
export function codeOf(error: unknown): string | undefined {
  const code = isRecord(error) ? error['code'] : undefined
  return typeof code === 'string' ? code : undefined
}
