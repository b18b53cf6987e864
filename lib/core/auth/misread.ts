/** Where other packages put what `Auth` has under another name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  sub: 'the user is authOf(req).subject',
  payload: 'every claim is in authOf(req).claims',
}

/**
 * The prototype of each `Auth`: a name that other packages have is an error, because `undefined` in its place goes
 * into queries without a word, and some of these then return every row. Not enumerable, so that copies,
 * logs and comparisons do not meet it.
 */
export const MISREAD: object = Object.freeze(
  Object.defineProperties(
    {},
    {
      // Else consoles say that an Auth has a complex prototype.
      constructor: { value: Object },
      ...Object.fromEntries(
        Object.entries(ELSEWHERE).map(([name, hint]) => [name, told(name, hint)]),
      ),
    },
  ),
)

function told(name: string, hint: string): PropertyDescriptor {
  return {
    get() {
      throw new TypeError(`req.auth has no "${name}": ${hint}. See "Coming from another package"`)
    },
  }
}
