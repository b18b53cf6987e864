/**
 * So many tokens, and so many sessions, of one user are remembered one by one. Whoever logs in and out
 * without end would otherwise fill the store, and nobody else could log out any more.
 */
export const ENTRIES_PER_SUBJECT = 1000
