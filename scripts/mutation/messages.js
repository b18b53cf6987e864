import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** What makes an error, a warning or an event's detail out of a sentence. */
const SPEAKERS =
  /^(malformed|malformedClaim|invalidToken|unresolved|refuse|emitWarning|\w*Error|KeysUnavailable)$/
const SPOKEN = /^(detail|wanted|hint|explain)$/
/** Functions that return one. */
const TELLERS = /^(explain|objectionTo)$/
/** What a sentence may be put together with. */
const PARTS =
  /^(ConditionalExpression|LogicalExpression|BinaryExpression|TemplateLiteral|ArrowFunctionExpression)$/

/**
 * Leaves the wording of messages to developers alone: a string with a space in it that goes into an
 * error, a warning or a detail. Reasons, codes, headers and names of options have no spaces, and count.
 */
const messages = {
  shouldIgnore(path) {
    if (!isSentence(path.node)) return undefined
    let { parentPath: parent } = path
    while (PARTS.test(parent.type)) parent = parent.parentPath
    return speaks(parent) ? 'the wording of a message' : undefined
  },
}

function speaks(parent) {
  const { callee, key, id } = parent.node
  if (callee !== undefined) return SPEAKERS.test(callee.property?.name ?? callee.name)
  if (parent.isReturnStatement()) return TELLERS.test(parent.getFunctionParent()?.node.id?.name)
  return SPOKEN.test(key?.name ?? id?.name)
}

function isSentence(node) {
  if (node.type === 'StringLiteral') return node.value.includes(' ')
  return node.type === 'TemplateLiteral' && node.quasis.some(({ value }) => value.raw.includes(' '))
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'messages', messages)]
