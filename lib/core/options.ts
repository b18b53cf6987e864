import { isRecord } from './values.js'

/** Checks the options of one factory. Every complaint names the factory, the option, what came and what to do. */
export interface OptionCheck {
  readonly factory: string
  /** Throws for a key that is not in `known`, guessing what was meant: a misspelt check is a hole. */
  known(options: unknown, known: readonly string[]): void
  /** Throws a TypeError: `factory: "option" must be ..., got ...`. */
  refuse(option: string, must: string, got: unknown): never
  string(option: string, value: unknown): string
  number(option: string, value: unknown, range: NumberRange): number
  boolean(option: string, value: unknown, fallback: boolean): boolean
  oneOf<T extends string>(option: string, value: unknown, choices: readonly T[], fallback: T): T
  optionalFunction(option: string, value: unknown): void
  /** One string or a list of them, none empty. */
  strings(option: string, value: unknown): readonly string[]
}

export interface NumberRange {
  readonly fallback?: number
  readonly min: number
  readonly max: number
  readonly integer?: boolean
}

export function optionCheck(factory: string): OptionCheck {
  function refuse(option: string, must: string, got: unknown): never {
    throw new TypeError(`${factory}: "${option}" must ${must}, got ${show(got)}`)
  }
  return {
    factory,
    refuse,
    known(options, known) {
      if (!isRecord(options)) {
        throw new TypeError(`${factory}: options must be an object, got ${show(options)}`)
      }
      for (const key of Object.keys(options)) {
        if (known.includes(key)) continue
        const guess = closest(key, known)
        const hint = guess === undefined ? `Known: ${known.join(', ')}` : `Did you mean "${guess}"?`
        throw new TypeError(`${factory}: unknown option "${key}". ${hint}`)
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
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (isRecord(value)) return `an object with ${Object.keys(value).join(', ') || 'no keys'}`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'string') return String(value)
  return value.length <= 100 ? JSON.stringify(value) : `a string of ${value.length} characters`
}

function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance, for guesses. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, replace))
    }
    previous = current
  }
  return previous[b.length]!
}
