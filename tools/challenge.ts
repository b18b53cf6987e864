/** One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1). Parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly token68: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  /** Names of parameters that were sent as quoted-strings. */
  readonly quoted: ReadonlySet<string>
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const QUOTED = /"((?:[\t !#-[\]-~\x80-\xFF]|\\[\t -~\x80-\xFF])*)"/y
const EQUALS = /[ \t]*=[ \t]*/y
const COMMA = /[ \t]*,[ \t]*/y
const SPACES = / +/y

/**
 * Parses a `WWW-Authenticate` field value by the grammar of RFC 9110 §11.2 and §5.6, with none of the
 * indulgence of §5.6.1 for recipients: we judge a sender here.
 *
 * @throws Error saying what is wrong and where.
 */
export function parseChallenges(value: string): readonly Challenge[] {
  const reader = new Reader(value)
  const challenges = [parseChallenge(reader)]
  while (!reader.atEnd) {
    reader.expect(COMMA, 'a comma')
    challenges.push(parseChallenge(reader))
  }
  return challenges
}

function parseChallenge(reader: Reader): Challenge {
  const scheme = reader.expect(TOKEN, 'an auth-scheme')
  const parameters = new Map<string, string>()
  const quoted = new Set<string>()
  if (reader.take(SPACES) === undefined) return { scheme, token68: undefined, parameters, quoted }
  const token68 = reader.take(TOKEN68)
  if (token68 !== undefined) return { scheme, token68, parameters, quoted }
  do {
    const name = reader.expect(TOKEN, 'a parameter name').toLowerCase()
    reader.expect(EQUALS, 'an equals sign')
    if (parameters.has(name)) throw new Error(`"${name}" occurs twice in one challenge`)
    const text = reader.take(QUOTED)
    if (text !== undefined) quoted.add(name)
    parameters.set(name, text === undefined ? reader.expect(TOKEN, 'a value') : unquote(text))
  } while (reader.nextIsParameter() && reader.take(COMMA) !== undefined)
  return { scheme, token68: undefined, parameters, quoted }
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, '$1')
}

class Reader {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#position === this.#text.length
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#position = pattern.lastIndex
    return match[0]
  }

  expect(pattern: RegExp, what: string): string {
    const taken = this.take(pattern)
    if (taken === undefined) {
      throw new Error(`Expected ${what} at ${this.#position} of ${JSON.stringify(this.#text)}`)
    }
    return taken
  }

  /** After a comma stands either one more parameter or the next challenge. */
  nextIsParameter(): boolean {
    const start = this.#position
    const isParameter = [COMMA, TOKEN, EQUALS].every((item) => this.take(item) !== undefined)
    this.#position = start
    return isParameter
  }
}

/** RFC 6750 §3, each after unquoting. */
const BEARER_VALUES: Readonly<Record<string, RegExp>> = {
  error: /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/,
  error_description: /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/,
  error_uri: /^[\x21\x23-\x5B\x5D-\x7E]+$/,
  scope: /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/,
}

/**
 * The one Bearer challenge of an answer, checked against RFC 6750 §3: at least one parameter, none
 * twice, `realm` quoted (RFC 9110 §11.5), every value in its characters.
 */
export function bearerParameters(value: string): Readonly<Record<string, string>> {
  const [challenge, ...others] = parseChallenges(value)
  if (challenge === undefined || others.length > 0) throw new Error(`Not one challenge: ${value}`)
  const { scheme, token68, parameters, quoted } = challenge
  if (scheme !== 'Bearer') throw new Error(`Not a Bearer challenge: ${value}`)
  if (token68 !== undefined || parameters.size === 0) throw new Error(`No parameters: ${value}`)
  if (parameters.has('realm') && !quoted.has('realm')) throw new Error(`Bare realm: ${value}`)
  for (const [name, pattern] of Object.entries(BEARER_VALUES)) {
    const text = parameters.get(name)
    if (text !== undefined && !pattern.test(text)) throw new Error(`Bad "${name}": ${value}`)
  }
  return Object.fromEntries(parameters)
}
