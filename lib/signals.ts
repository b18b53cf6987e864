export type { SignalAction } from './signals/event-types.js'
export type { Polling, PollingStatus, PollOptions } from './signals/poll.js'
export type { DecideSignal, Signal } from './signals/receiver.js'
export type { SenderFields, SenderOptions } from './signals/sender-options.js'
export type { ResolveSubject, SubjectOptions } from './signals/subject/resolve.js'
export {
  sharedSignals,
  type SharedSignals,
  type SharedSignalsFields,
  type SharedSignalsOptions,
} from './signals/shared-signals.js'
export type { AwaitedVerification } from './signals/stream-state.js'
export type { Subject, SubjectIdentifier } from './signals/subject/subject.js'
export type { SubjectFamilies } from './signals/subject/revoke.js'
export type { SignalTarget } from './signals/subject/target.js'
export type {
  ScopedLogoutOptions,
  SignOutOptions,
  UniversalLogoutFields,
  UniversalLogoutOptions,
} from './signals/logout-options.js'
export { universalLogout, type UniversalLogout } from './signals/universal-logout.js'
