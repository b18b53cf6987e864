import type { Documents } from '../../keys/documents/documents.js'
import { discoverDocument, wellKnownUrls } from '../../keys/documents/metadata.js'
import { notFetched } from '../fetch-faults.js'
import { finding, type Finding } from '../finding.js'

const DEADLINE_MS = 2500

/** Whether clients of MCP can log in at this authorization server. Returns false where they cannot. */
export async function* examineServer(
  issuer: string,
  documents: Documents,
): AsyncGenerator<Finding, boolean> {
  if (!URL.canParse(issuer)) {
    yield finding('server', 'failed', `authorization_servers names ${issuer}, which is no URL`, {
      cause: 'A host without https:// is written there.',
      fix: 'Write the issuer as it stands in "iss".',
    })
    return false
  }
  let members
  try {
    const discoveryUrls = wellKnownUrls(issuer)
    const target = { discoveryUrls, issuers: [issuer], allowTemplate: false }
    const signal = AbortSignal.timeout(DEADLINE_MS)
    members = (await discoverDocument(target, documents, signal)).members
  } catch (error) {
    yield notFetched('server', error)
    return false
  }
  const lacking = ['authorization_endpoint', 'token_endpoint'].filter((name) => !(name in members))
  yield lacking.length === 0
    ? finding('server', 'ok', `${issuer} has metadata of its own name`)
    : finding('server', 'failed', `The metadata of ${issuer} lack ${lacking.join(' and ')}`, {
        cause: 'They are those of an issuer without logins, or written by hand.',
        fix: 'Publish the whole metadata of the authorization server (RFC 8414 §2).',
      })
  yield* clients(members)
  return true
}

function* clients(members: Readonly<Record<string, unknown>>): Generator<Finding> {
  const { code_challenge_methods_supported: methods } = members
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    yield finding('clients', 'failed', 'code_challenge_methods_supported does not name S256', {
      cause: 'The authorization server does not say that it knows PKCE, though it may.',
      fix: Array.isArray(methods)
        ? 'Publish "S256" among them: clients on the MCP SDK refuse to log in without it.'
        : 'Publish ["S256"]: clients that follow the specification of MCP must not log in without it.',
    })
  }
  const byDocument = members['client_id_metadata_document_supported'] === true
  if (byDocument || 'registration_endpoint' in members) {
    const way = byDocument ? 'by the URL of their own metadata' : 'by dynamic registration'
    yield finding('clients', 'ok', `They can register ${way}`)
    return
  }
  yield finding('clients', 'warning', 'They cannot register by themselves', {
    cause: 'Neither client_id_metadata_document_supported nor registration_endpoint is there.',
    fix: 'Register each client by hand and give its id to users: Claude, VS Code and the Inspector ask for one.',
  })
}
