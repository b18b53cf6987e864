import { complaint } from './complaint.js'
import { foreignOption } from './foreign-options.js'
import { guessName } from './guess.js'
import { isRecord } from '../values.js'

/** Checks the options of one factory. Every complaint names the factory, the option, what came and what to do. */
export interface OptionCheck {
  readonly factory: string
  /**
   * Throws for a key that is not in `names`, guessing what was meant: a misspelt check is a hole.
   * Dotted names, those of options within an option, are there to be guessed.
   */
  known(options: unknown, names: readonly string[], hints?: NameHints): void
  /** Throws a TypeError: `factory: "option" must be ..., got ...`. */
  refuse(option: string, must: string, got: unknown): never
  string(option: string, value: unknown): string
  number(option: string, value: unknown, range: NumberRange): number
  boolean(option: string, value: unknown, fallback: boolean): boolean
  /** For an option whose default is decided elsewhere. */
  optionalBoolean(option: string, value: unknown): boolean | undefined
  oneOf<T extends string>(option: string, value: unknown, choices: readonly T[], fallback: T): T
  optionalFunction(option: string, value: unknown): void
  /** One string or a list of them, none empty. */
  strings(option: string, value: unknown): readonly string[]
}

export interface NameHints {
  /** The option that holds `options`. */
  readonly within?: string
  /** Names that are no more, and the one that serves in their place. */
  readonly former?: Readonly<Record<string, string>>
}

export interface NumberRange {
  readonly fallback?: number
  readonly min: number
  readonly max: number
  readonly integer?: boolean
}

/** Options within another, for `known` to guess. */
export function optionsWithin(option: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${option}.${name}`)
}

/** Those of the options that are given, by these names: an option that is undefined overrides nothing. */
export function pickDefined<T extends object>(options: T, names: readonly (keyof T)[]): Partial<T> {
  const picked: Partial<T> = {}
  for (const name of names) if (options[name] !== undefined) picked[name] = options[name]
  return picked
}

/** A factory gets a request where it was mounted itself, and not the guard that it makes. */
export function isRequest(value: unknown): boolean {
  return isRecord(value) && isRecord(value['headers']) && isRecord(value['socket'])
}

function isResponse(value: unknown): boolean {
  return isRecord(value) && isRequest(value['req'])
}

/** As `createTestIssuer` makes it: TypeScript takes it for options, since it has some of their names. */
function isTestIssuer(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['token'] === 'function' && isRecord(value['options'])
}

/** What came, in words instead of itself: it may hold a secret. */
export class Untold {
  readonly words: string

  constructor(words: string) {
    this.words = words
  }
}

/** What apps read from their environment. */
const TEXT = /\bstring|\bURL/

function isUnset(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.includes(undefined))
}

export function optionCheck(factory: string): OptionCheck {
  const uncalled = `${factory}: it makes a guard, and got a request. Call it: app.use(${factory}(...))`
  const inHandler = `${factory}: it is no guard, and got a response for its options. Call it in a handler: ${factory}(req, ...)`
  function refuse(option: string, must: string, got: unknown): never {
    // Names one by one are a list of whatever came.
    if (isRequest(Array.isArray(got) ? got[0] : got)) throw complaint(factory, uncalled)
    const hint = isUnset(got) && TEXT.test(must) ? '. Is an environment variable unset?' : ''
    throw complaint(factory, `${factory}: "${option}" must ${must}, got ${show(got)}${hint}`)
  }
  return {
    factory,
    refuse,
    known(options, names, { within, former = {} } = {}) {
      if (isRequest(options)) throw complaint(factory, uncalled)
      if (isResponse(options)) throw complaint(factory, inHandler)
      if (!isRecord(options)) {
        if (within !== undefined) refuse(within, 'be an object', options)
        throw complaint(factory, `${factory}: options must be an object, got ${show(options)}`)
      }
      const path = (name: string): string => (within === undefined ? name : `${within}.${name}`)
      const known = names.filter((name) => !name.includes('.'))
      for (const key of Object.keys(options)) {
        if (known.includes(key)) continue
        const renamed = Object.hasOwn(former, key) ? former[key] : undefined
        const foreign = renamed === undefined && within === undefined && foreignOption(key, known)
        const guess = renamed ?? guessName(key, names)
        const hint =
          guess === undefined
            ? `Known: ${[...new Set(known)].join(', ')}`
            : `Did you mean "${path(guess)}"?`
        const advice = isTestIssuer(options) ? 'Hand over issuer.options' : foreign || hint
        throw complaint(factory, `${factory}: unknown option "${path(key)}". ${advice}`)
      }
    },
    string(option, value) {
      if (typeof value !== 'string' || value === '') refuse(option, 'be a non-empty string', value)
      return value
    },
    number(option, value, { fallback, min, max, integer = false }) {
      if (value === undefined && fallback !== undefined) return fallback
      const wanted = `be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`
      if (typeof value !== 'number' || !(value >= min && value <= max)) {
        return refuse(option, wanted, value)
      }
      if (integer && !Number.isInteger(value)) refuse(option, wanted, value)
      return value
    },
    boolean(option, value, fallback) {
      if (value === undefined) return fallback
      if (typeof value !== 'boolean') refuse(option, 'be true or false', value)
      return value
    },
    optionalBoolean(option, value) {
      return value === undefined ? undefined : this.boolean(option, value, false)
    },
    oneOf(option, value, choices, fallback) {
      if (value === undefined) return fallback
      const choice = choices.find((candidate) => candidate === value)
      const wanted = `be ${choices.map((item) => `'${item}'`).join(' or ')}`
      return choice ?? refuse(option, wanted, value)
    },
    optionalFunction(option, value) {
      if (value !== undefined && typeof value !== 'function') refuse(option, 'be a function', value)
    },
    strings(option, value) {
      const list: readonly unknown[] = Array.isArray(value) ? value : [value]
      const strings = list.filter((item): item is string => typeof item === 'string' && item !== '')
      if (list.length === 0 || strings.length !== list.length) {
        refuse(option, 'be a non-empty string or a list of them', value)
      }
      return strings
    },
  }
}

/** Options may hold secrets, so a complaint shows what kind of thing came, and strings only if short. */
function show(value: unknown): string {
  if (value instanceof Untold) return value.words
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (isRecord(value)) return `an object with ${namesIn(value)}`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'string') return String(value)
  if (value.length > 100) return `a string of ${value.length} characters`
  return JSON.stringify(value.replace(CREDENTIALS, '//***@'))
}

/** Leaves out the password of a URL, also where a slash in the password makes it none. */
const CREDENTIALS = /\/\/(?:[^/?#]*|[^@]*:.*)@/

/** Enough to know it again: a client of some library has thirty. */
const MAX_NAMES = 6

function namesIn(value: object): string {
  const names = Object.keys(value)
  if (names.length === 0) return 'no keys'
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`
}
