import type { FamilyRules, FamilyState, Presented, Rotation, StoredFamily } from './family.js'
import type { FamilyId } from './family-token.js'

/** What a store is given to begin a family with. */
export type NewFamily = Pick<StoredFamily, 'subject' | 'clientId' | 'sessionId'>

/** What became of a presented token, and the family after it. */
export interface Rotated {
  readonly rotation: Rotation
  readonly family: StoredFamily
}

/**
 * Keeps refresh-token families. Each method is one atomic step, by the store's own clock. A promise
 * that resolved is kept, as far as the store keeps anything; one that rejects means that nothing is
 * known of what was done, and asking again does no harm.
 */
export interface FamilyStore {
  /** Begins a family, and forgets the oldest of a user who has as many as `mostPerSubject`. */
  start(
    id: FamilyId,
    family: NewFamily,
    lifetime: {
      readonly idleMs: number
      readonly absoluteMs: number
      readonly mostPerSubject: number
    },
  ): Promise<StoredFamily>
  /** Undefined for a family that never was, or is over. */
  find(id: FamilyId): Promise<StoredFamily | undefined>
  /** Judges a presented token by `judgeRotation`, and moves the family on. */
  rotate(id: FamilyId, presented: Presented, rules: FamilyRules): Promise<Rotated | undefined>
  /** Sets a state other than live, of one family. */
  end(id: FamilyId, state: Exclude<FamilyState, 'live'>): Promise<StoredFamily | undefined>
  /** Ends all families of a user but those of one session; resolves with their number. */
  endSubject(tag: string, exceptSession: string | undefined): Promise<number>
  /** The live families of a user, the oldest first. */
  list(tag: string): Promise<readonly StoredFamily[]>
  /** Ends connections and timers. */
  close(): Promise<void>
}
