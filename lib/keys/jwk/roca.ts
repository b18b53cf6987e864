const GENERATOR = 65_537
/** Moduli of 2048 bits and more were made from the product of the primes up to here. */
const LAST_PRIME = 701

/**
 * Whether an RSA modulus was made by the broken generator of CVE-2017-15361 (ROCA): that key is factored
 * from its public half. Its modulus is a power of 65537 modulo every small prime; of sound moduli not
 * one in 2^150 is.
 */
export function isRocaModulus(modulus: bigint): boolean {
  return primesUpTo(LAST_PRIME).every((prime) =>
    isPowerOfGenerator(Number(modulus % BigInt(prime)), prime),
  )
}

function isPowerOfGenerator(residue: number, prime: number): boolean {
  let power = 1
  do {
    if (power === residue) return true
    power = (power * GENERATOR) % prime
  } while (power !== 1)
  return false
}

function primesUpTo(last: number): readonly number[] {
  const primes: number[] = []
  for (let candidate = 3; candidate <= last; candidate += 2) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}
