/** An `import` statement as esbuild writes it. */
const IMPORT = /\bimport(?:\{([^}]*)\}from)?("[^"]+");/g

/** An `export` statement, of names of this file or of another. */
const EXPORT = /\bexport\{([^}]*)\}(?:from("[^"]+"))?;/g

/** Of an optional peer, within a `try`. */
const LATE_IMPORT = /\bawait import\(("[^"]+")\)/g

/** By `import()`, a CommonJS module comes as `default` too. */
const WITH_DEFAULT = 'const withDefault=module=>({...module,default:module.default??module});'

/**
 * The same file as a CommonJS module. All but imports and exports stays to the letter, so that the
 * archive of both halves is little larger than that of one. Holds where no two files import each
 * other, and no exported variable is assigned later.
 *
 * `locate` gives what is required in place of a specifier.
 */
export function toCommonJs(code: string, locate: (specifier: string) => string): string {
  const requireCall = (literal: string): string =>
    `require(${JSON.stringify(locate(JSON.parse(literal) as string))})`
  const late = code.replaceAll(
    LATE_IMPORT,
    (_, specifier: string) => `withDefault(${requireCall(specifier)})`,
  )
  const body = late
    .replaceAll(IMPORT, (_, names: string | undefined, specifier: string) => {
      const bound = names === undefined ? '' : `const{${pairs(names).map(property).join()}}=`
      return `${bound}${requireCall(specifier)};`
    })
    .replaceAll(EXPORT, (_, names: string, specifier: string | undefined) => {
      const source = specifier === undefined ? '' : `${requireCall(specifier)}.`
      return pairs(names)
        .map(([from, to]) => `exports.${to}=${source}${from};`)
        .join('')
    })
  return `"use strict";${late === code ? '' : WITH_DEFAULT}${body}`
}

/** `a as b, c` as pairs of both names. */
function pairs(names: string): readonly (readonly [string, string])[] {
  return names
    .split(',')
    .map((name) => name.trim().split(/\s+as\s+/))
    .filter(([from]) => from !== '')
    .map(([from = '', to = from]) => [from, to])
}

function property([from, to]: readonly [string, string]): string {
  return from === to ? from : `${from}:${to}`
}
