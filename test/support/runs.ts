/** Runs of each property: 1,000 by default, more where `FUZZ_RUNS` says so. */
export const FUZZ_RUNS: number = Number(process.env['FUZZ_RUNS'] ?? 1000)
