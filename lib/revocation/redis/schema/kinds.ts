/**
 * Which kinds of entries the data have ever held, as the letters that their names begin with. It
 * only grows, and is read with the entries: a kind that is not among them need not be asked for.
 * Most denylists hold two or three of six, and a check costs by the key.
 */
export type Kinds = string

/** What names of entries begin with. `all`: marks over one issuer or every one. */
export const KIND_LETTERS = {
  token: 'j',
  session: 'd',
  subject: 's',
  client: 'c',
  version: 'v',
  all: 'g',
} as const

/** What is written before anything was revoked; letters are added to it. */
export const NO_KINDS: Kinds = '-'
const LETTERS = Object.values(KIND_LETTERS).join('')
export const ALL_KINDS: Kinds = NO_KINDS + LETTERS

const RECORD = new RegExp(`^${NO_KINDS}[${LETTERS}]{0,${LETTERS.length}}$`)

/**
 * The kinds that a record counts: any, where nobody has counted; undefined where there is one that
 * this version does not know.
 */
export function kindsIn(record: string | undefined): Kinds | undefined {
  if (record === undefined) return ALL_KINDS
  return RECORD.test(record) ? record : undefined
}

/** Whether who asked for the kinds of `asked` has asked for all there are. */
export function covers(asked: Kinds, there: Kinds): boolean {
  return asked === there || there.split('').every((letter) => asked.includes(letter))
}
