export type { ChallengeParameter } from '../../core/verdicts/challenge-parameter.js'
export { DEFAULT_STYLE, type ErrorFormat, type RefusalStyle } from '../../core/verdicts/style.js'
