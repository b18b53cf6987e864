/** Those who want to be told when something was revoked. */
export class Watchers {
  readonly #watching = new Set<{ readonly changed: () => void }>()

  /** @returns what ends it. */
  add(changed: () => void): () => void {
    // The same function may be given twice, and each time ends for itself.
    const watcher = { changed }
    this.#watching.add(watcher)
    return () => void this.#watching.delete(watcher)
  }

  tell(): void {
    for (const { changed } of this.#watching) changed()
  }
}
