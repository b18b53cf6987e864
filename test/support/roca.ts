const PRIMES = Array.from({ length: 700 }, (_, index) => index + 2).filter((number) =>
  Array.from({ length: number - 2 }, (_, index) => index + 2).every((by) => number % by !== 0),
)

/** The product of the primes up to 701: the broken generator's moduli are powers of 65537 modulo it. */
export const ROCA_PRIMORIAL: bigint = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n)
