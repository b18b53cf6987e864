import { messageOf } from '../core/values.js'
import { warn } from '../core/events/warnings.js'

/**
 * Loads a package that only some functions of this entry point need, so that nobody must install
 * it for the others. Where it is missing, a warning says so at start-up and each request fails: a
 * limit that is not there must not look like one.
 */
export function optionalPeer<T>(factory: string, name: string, load: Promise<T>): Promise<T> {
  const loading = load.catch((cause: unknown) => {
    // The command first: a path may be long, and a line is cut.
    const fix = `${factory}: cannot load "${name}". Run npm install ${name} (${messageOf(cause)})`
    warn('ERS_MISSING_PEER', fix)
    throw new Error(fix, { cause })
  })
  loading.catch(() => undefined)
  return loading
}
