import { jest } from '@jest/globals'

/** Runs of each property: 1,000 by default, more where `FUZZ_RUNS` says so. */
export const FUZZ_RUNS: number = Number(process.env['FUZZ_RUNS'] ?? 1000)

// For the whole suite that imports this. A run over a socket takes 1 to 8 ms, and ten times that on a
// machine that is busy with other suites.
jest.setTimeout(20_000 + FUZZ_RUNS * 60)
