import express5, { type Express } from 'express'
import express4 from 'express4'

/** Both hosts that the package promises. Their apps are alike in all that the tests use. */
export const EXPRESS_VERSIONS: readonly (readonly [string, () => Express])[] = [
  ['Express 5', () => express5()],
  ['Express 4', () => (express4 as typeof express5)()],
]
