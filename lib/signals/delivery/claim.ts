import type { OptionCheck } from '../../core/options/option-check.js'
import { isReplayStore, type ReplayStore } from '../../replay/store.js'

/** @throws TypeError for a store that is none. */
export function requireReplay(check: OptionCheck, replay: ReplayStore | undefined): void {
  if (replay === undefined || isReplayStore(replay)) return
  check.refuse('replay', 'be a ReplayStore like redisReplayStore()', replay)
}
