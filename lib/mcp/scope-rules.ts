import { atOnce } from '../core/app-function.js'
import type { OptionCheck } from '../core/options/option-check.js'
import { isScopeToken, splitScope } from '../core/auth/scope.js'
import { isRecord } from '../core/values.js'
import { canonicalUri, type McpKind, type McpOperation } from './message/operations.js'

/**
 * What the tools, resources or prompts of a server need besides `scopes`: by name, or by a function of
 * what is asked for. A thing that neither names needs no more.
 */
export type McpScopeRules =
  | Readonly<Record<string, string | readonly string[]>>
  | ((operation: McpOperation) => string | readonly string[] | undefined)

export interface McpRuleOptions {
  /** Scopes that every request needs; the first challenge names them, so a client asks for them at login. @default none */
  readonly scopes?: string | readonly string[] | undefined
  /** Scopes that tools need besides, by name: `{ 'purge-notes': ['notes:write'] }`, or a function of `{ kind, name, method, params }`. @default none */
  readonly tools?: McpScopeRules | undefined
  /** The same for resources, by URI, whose spellings count as one. Subscriptions and completions need what reading needs. @default none */
  readonly resources?: McpScopeRules | undefined
  /** The same for prompts, by name. @default none */
  readonly prompts?: McpScopeRules | undefined
}

export interface CompiledRules {
  /** For every request. */
  readonly always: readonly string[]
  /** All that are named by name, for metadata. */
  readonly listed: readonly string[]
  /** For these operations together, each scope once. */
  needed(operations: readonly McpOperation[]): readonly string[]
  /** For what a header names: a function is not asked, since it has no message to judge. */
  neededBy(kind: McpKind, name: string): readonly string[]
}

const NONE: readonly string[] = []

export function compileRules(check: OptionCheck, options: McpRuleOptions): CompiledRules {
  const always = options.scopes === undefined ? NONE : scopeList(check, 'scopes', options.scopes)
  const tables = {
    tool: compileTable(check, 'tools', options.tools ?? {}),
    resource: compileTable(check, 'resources', options.resources ?? {}),
    prompt: compileTable(check, 'prompts', options.prompts ?? {}),
  }
  return {
    always,
    listed: distinct([...always, ...Object.values(tables).flatMap(({ listed }) => listed)]),
    needed: (operations) =>
      distinct([...always, ...operations.flatMap((asked) => tables[asked.kind].needed(asked))]),
    neededBy: (kind, name) => distinct([...always, ...tables[kind].named(name)]),
  }
}

interface Table {
  readonly listed: readonly string[]
  needed(operation: McpOperation): readonly string[]
  named(name: string): readonly string[]
}

function compileTable(check: OptionCheck, option: string, rules: McpScopeRules): Table {
  if (typeof rules === 'function') {
    return {
      listed: NONE,
      needed: (operation) => {
        const scopes = atOnce(rules(operation))
        return scopes === undefined ? NONE : scopeList(check, `${option}()`, scopes)
      },
      named: () => NONE,
    }
  }
  if (!isRecord(rules)) check.refuse(option, 'be an object or a function', rules)
  // A Map, because `__proto__` is a name that a message may hold.
  const byName = new Map(
    Object.entries(rules).map(([name, scopes]) => [
      option === 'resources' ? canonicalUri(name) : name,
      scopeList(check, `${option}.${name}`, scopes),
    ]),
  )
  const named = (name: string): readonly string[] => byName.get(name) ?? NONE
  return {
    listed: [...byName.values()].flat(),
    needed: ({ name }) => named(name),
    named,
  }
}

/** An empty list is one: its operation needs no more than all requests do. */
export function scopeList(check: OptionCheck, option: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length === 0) return NONE
  const names = check.strings(option, value).flatMap(splitScope)
  const bad = names.find((name) => !isScopeToken(name))
  if (bad !== undefined) check.refuse(option, 'be scopes like "notes:read"', bad)
  // It asks for a refresh token, and says nothing of what a token may do here.
  if (names.includes('offline_access')) {
    check.refuse(option, 'leave "offline_access" out, which clients ask for by themselves', value)
  }
  return distinct(names)
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
