/** More than lie between any factory and the check that complains. */
const FRAMES = 50

/**
 * A TypeError whose stack begins where the app called `factory`: our own frames would leave no room for
 * the line that must be mended.
 */
export function complaint(factory: string, message: string, options?: ErrorOptions): TypeError {
  const { stackTraceLimit } = Error
  // Where what is built in is frozen (`--frozen-intrinsics`), an assignment would throw; this does not.
  Reflect.set(Error, 'stackTraceLimit', FRAMES)
  const error = new TypeError(message, options)
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  // A hook for stacks (`prepareStackTrace`) may make anything of them.
  const stack: unknown = error.stack
  if (typeof stack !== 'string') return error
  const [title = '', ...frames] = stack.split('\n    at ')
  const made = new RegExp(`^(?:new |\\w+\\.)?${factory} \\(`)
  const outside = frames.findIndex((frame) => made.test(frame)) + 1
  const shown = frames.slice(outside, outside + stackTraceLimit)
  Object.defineProperty(error, 'stack', { value: [title, ...shown].join('\n    at ') })
  return error
}
