import type { OptionCheck } from '../../../core/options/option-check.js'
import type { KeyManagerOptions } from '../../../keys/manager/key-manager.js'
import type { KeyCacheOptions } from './options.js'

const KEY_CACHE_NAMES: readonly (keyof KeyCacheOptions)[] = [
  'ttlSeconds',
  'maxStaleSeconds',
  'refetchBurst',
  'refetchIntervalSeconds',
  'timeoutMs',
  'maxBytes',
]

export type CacheLimits = Pick<
  KeyManagerOptions,
  'ttlSeconds' | 'maxStaleSeconds' | 'refetchBurst' | 'refetchIntervalSeconds' | 'timeoutMs'
> & { readonly maxBytes: number }

/** Checks the option `keyCache`. @throws TypeError naming the option. */
export function compileKeyCache(check: OptionCheck, cache: KeyCacheOptions): CacheLimits {
  check.known(cache, KEY_CACHE_NAMES, { within: 'keyCache' })
  const number = (
    name: keyof KeyCacheOptions,
    fallback: number,
    min: number,
    max: number,
  ): number => check.number(`keyCache.${name}`, cache[name], { fallback, min, max })
  const year = 31_536_000
  return {
    ttlSeconds: cache.ttlSeconds === undefined ? undefined : number('ttlSeconds', 0, 0.05, year),
    maxStaleSeconds: number('maxStaleSeconds', 3600, 0, year),
    refetchBurst: number('refetchBurst', 5, 1, 1000),
    refetchIntervalSeconds: number('refetchIntervalSeconds', 30, 0.05, year),
    timeoutMs: number('timeoutMs', 2500, 50, 60_000),
    maxBytes: number('maxBytes', 524_288, 1024, 16_777_216),
  }
}
