/**
 * RSA keys are made once for all files, since making one takes longer than most files do. Within a
 * suite no two are the same.
 */
const pairs = new Map()
/** How many pairs of each kind the present suite has. */
const handedOut = new Map()

export function installSharedKeys() {
  const subtle = Object.getPrototypeOf(globalThis.crypto.subtle)
  const { generateKey } = subtle
  subtle.generateKey = function generateKeyOnce(algorithm, extractable, usages) {
    const { name, hash, modulusLength } = algorithm
    const make = () => generateKey.call(this, algorithm, extractable, usages)
    if (modulusLength === undefined) return make()
    const kind = JSON.stringify([name, hash, modulusLength, extractable, usages])
    const count = handedOut.get(kind) ?? 0
    handedOut.set(kind, count + 1)
    const key = `${kind} ${count}`
    if (!pairs.has(key)) pairs.set(key, make())
    return pairs.get(key)
  }
}

export const beginSuite = () => handedOut.clear()
