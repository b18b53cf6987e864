import { describe, expect, it } from '@jest/globals'
import { examineServer } from '../../../lib/doctor/mcp/issuer.js'
import { documentsOf, examined } from '../../support/doctor-documents.js'

const ISSUER = 'https://id.example.com'
const URLS = [
  `${ISSUER}/.well-known/openid-configuration`,
  `${ISSUER}/.well-known/oauth-authorization-server`,
]
const GOOD = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/jwks`,
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
  code_challenge_methods_supported: ['S256'],
  registration_endpoint: `${ISSUER}/reg`,
}
const OWN = `ok server: ${ISSUER} has metadata of its own name`
const REGISTER = 'ok clients: They can register by dynamic registration'

const look = (members: object, issuer = ISSUER): ReturnType<typeof examined<boolean>> =>
  examined(
    examineServer(issuer, documentsOf(Object.fromEntries(URLS.map((url) => [url, members])))),
  )

describe('an authorization server, as clients of MCP see it', () => {
  it('is right with endpoints, PKCE and a way to register', async () => {
    expect(await look(GOOD)).toEqual({ told: [OWN, REGISTER], result: true })
  })

  it('lets clients register by a document of their own, which is told first', async () => {
    const { told } = await look({ ...GOOD, client_id_metadata_document_supported: true })
    expect(told).toEqual([OWN, 'ok clients: They can register by the URL of their own metadata'])
  })

  it.each<[string, object, readonly string[]]>([
    [
      'no token endpoint',
      { token_endpoint: undefined },
      [`failed server: The metadata of ${ISSUER} lack token_endpoint`, REGISTER],
    ],
    [
      'plain PKCE alone',
      { code_challenge_methods_supported: ['plain'] },
      [OWN, 'failed clients: code_challenge_methods_supported does not name S256', REGISTER],
    ],
    [
      'no word of PKCE',
      { code_challenge_methods_supported: undefined },
      [OWN, 'failed clients: code_challenge_methods_supported does not name S256', REGISTER],
    ],
    [
      'no registration',
      { registration_endpoint: undefined, client_id_metadata_document_supported: false },
      [OWN, 'warning clients: They cannot register by themselves'],
    ],
  ])('is told of one with %s', async (_what, changes, told) => {
    const members = JSON.parse(JSON.stringify({ ...GOOD, ...changes })) as object
    expect(await look(members)).toEqual({ told, result: true })
  })

  it('is of no use where its name is no URL', async () => {
    expect(await look(GOOD, 'id.example.com')).toEqual({
      told: ['failed server: authorization_servers names id.example.com, which is no URL'],
      result: false,
    })
  })

  it('is of no use where it publishes nothing', async () => {
    const { told, result } = await examined(examineServer(ISSUER, documentsOf({})))
    expect({ count: told.length, result }).toEqual({ count: 1, result: false })
    expect(told[0]).toMatch(/^failed server: /)
  })

  it('is of no use where its metadata are of another name', async () => {
    const { told, result } = await look({ ...GOOD, issuer: `${ISSUER}/` })
    expect(told[0]).toMatch(/^failed server: .*metadata names/)
    expect(result).toBe(false)
  })
})
