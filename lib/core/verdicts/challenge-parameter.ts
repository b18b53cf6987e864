/** One parameter of a challenge: `['max_age', '300']`. */
export type ChallengeParameter = readonly [name: string, value: string]
