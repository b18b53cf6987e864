/** Type-only imports count. */
export interface Room {
  readonly holds: string
  readonly imports: readonly string[]
  readonly packages?: readonly string[]
  /** False: files of this room never import each other. What they share sinks a floor. */
  readonly siblings?: false
}
