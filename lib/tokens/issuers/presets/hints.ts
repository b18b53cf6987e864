import { GRAPH_HEADER } from './entra.js'
import { KEYCLOAK_DEFAULT_AUDIENCE } from './keycloak.js'

const OF_AUDIENCES: ReadonlyMap<string, string> = new Map([KEYCLOAK_DEFAULT_AUDIENCE])
const OF_HEADERS: ReadonlyMap<string, string> = new Map([GRAPH_HEADER])

/** What to add to the refusal of a token whose only audience is one that a product puts there by default. */
export function audienceHint(audience: readonly string[]): string {
  const [only = '', ...others] = audience
  return others.length > 0 ? '' : sentence(OF_AUDIENCES.get(only))
}

/** What to add to the refusal of a signature that a product makes so that no other API can verify it. */
export function unverifiableHint(header: Readonly<Record<string, unknown>>): string {
  const mark = [...OF_HEADERS.keys()].find((name) => Object.hasOwn(header, name))
  return mark === undefined ? '' : sentence(OF_HEADERS.get(mark))
}

function sentence(hint: string | undefined): string {
  return hint === undefined ? '' : `. ${hint}`
}
