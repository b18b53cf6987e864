import { createHash } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'
import { isReplayStore, type ReplayStore } from '../../replay/store.js'

/** @throws TypeError for what is no such store. */
export function requireReplay(check: OptionCheck, replay: ReplayStore | undefined): void {
  if (replay === undefined || isReplayStore(replay)) return
  check.refuse('replay', 'be a ReplayStore like redisReplayStore()', replay)
}

/** As names of claims are: base64url of SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
