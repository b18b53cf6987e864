const ordinary = Function.prototype[Symbol.hasInstance]

/**
 * Lets `instanceof` know what another copy of this package has made: the one for `import` and the one
 * for `require` may be loaded by the same process, and so may two versions. Classes derived from
 * `kind` keep the meaning of their own.
 */
export function acrossCopies(kind: new (...parts: never[]) => object, name: string): void {
  const brand = Symbol.for(`express-resource-server.${name}`)
  Object.defineProperty(kind.prototype, brand, { value: true })
  Object.defineProperty(kind, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== kind) return ordinary.call(this, value)
      return typeof value === 'object' && value !== null && brand in value
    },
  })
}
