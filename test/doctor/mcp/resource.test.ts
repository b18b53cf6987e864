import { describe, expect, it } from '@jest/globals'
import {
  findResource,
  judgeResource,
  serversOf,
  type ResourceDocument,
} from '../../../lib/doctor/mcp/resource.js'
import { documentsOf, examined } from '../../support/doctor-documents.js'

const RESOURCE = 'https://api.example.com/mcp'
const ROOT = 'https://api.example.com/.well-known/oauth-protected-resource'
const INSERTED = `${ROOT}/mcp`
const MEMBERS = { resource: RESOURCE, authorization_servers: ['https://id.example.com'] }

const find = (bodies: object, named?: string, resource = RESOURCE) =>
  examined(findResource(new URL(resource), named, documentsOf({ ...bodies })))

describe('the metadata of a server', () => {
  it('are those that the challenge names, and else the path-inserted ones', async () => {
    const all = { [INSERTED]: MEMBERS, [ROOT]: { resource: 'other' } }
    expect(await find(all)).toMatchObject({ told: [], result: { members: MEMBERS } })
    const named = 'https://api.example.com/own'
    const { result } = await find({ ...all, [named]: { own: true } }, named)
    expect(result).toMatchObject({ url: new URL(named), members: { own: true } })
  })

  it('are told where one of the two places has none', async () => {
    const { told, result } = await find({ [ROOT]: MEMBERS })
    expect(told).toEqual([`warning resource: ${INSERTED}: The answer is 404`])
    expect(result?.url.href).toBe(ROOT)
  })

  it('are told where the challenge leads to none', async () => {
    const { told } = await find({ [ROOT]: MEMBERS }, INSERTED)
    expect(told).toEqual([
      `failed resource: Named by the challenge: ${INSERTED}: The answer is 404`,
    ])
  })

  it('are told where the challenge names no URL', async () => {
    const { told } = await find({ [ROOT]: MEMBERS, [INSERTED]: MEMBERS }, '/own')
    expect(told).toEqual(['failed resource: resource_metadata is no URL'])
  })

  it('are none where a document is no object', async () => {
    const { told, result } = await find({ [ROOT]: [], [INSERTED]: 'text' })
    expect(told).toEqual([
      'warning resource: It is no JSON object',
      'warning resource: It is no JSON object',
    ])
    expect(result).toBeUndefined()
  })

  it('stand at one place where the server is an origin', async () => {
    const { told } = await find({}, undefined, 'https://api.example.com/')
    expect(told).toEqual([`warning resource: ${ROOT}: The answer is 404`])
  })
})

const judge = (changes: object, resource = RESOURCE): readonly string[] => {
  const document: ResourceDocument = { url: new URL(ROOT), members: { ...MEMBERS, ...changes } }
  return [...judgeResource(resource, document)].map(({ status, detail }) => `${status} ${detail}`)
}
const OK = `ok ${ROOT} names ${RESOURCE}`

describe('what they say', () => {
  it('is right where they name the URL that clients are given, and an issuer', () => {
    expect(judge({})).toEqual([OK])
    expect(judge({ bearer_methods_supported: ['header'], scopes_supported: ['mcp'] })).toEqual([OK])
  })

  it.each<[object, string]>([
    [{ authorization_servers: [] }, 'failed It names no authorization_servers'],
    [{ authorization_servers: 'x' }, 'failed It names no authorization_servers'],
    [{ bearer_methods_supported: ['query'] }, 'failed bearer_methods_supported lacks "header"'],
    [{ scopes_supported: ['offline_access'] }, 'warning scopes_supported has offline_access'],
  ])('is told of %j', (changes, told) => {
    expect(judge(changes)).toEqual([OK, told])
  })

  it.each<[unknown, RegExp, boolean]>([
    [`${RESOURCE}/`, /^A slash too many or too few/, false],
    ['http://api.example.com/mcp', /^The scheme is that behind a proxy/, false],
    ['https://api.example.com', /^The name is made from the Host/, true],
    ['https://api.example.com/', /^The name is made from the Host/, true],
    ['https://api.example.com/m', /^The name is made from the Host/, false],
    ['https://api.example.com/mcp/v1', /^The name is made from the Host/, false],
    ['https://other.example.com/mcp', /^The name is made from the Host/, false],
    [undefined, /^The name is made from the Host/, false],
  ])('is told of the resource %j, and which clients take it', (named, cause, taken) => {
    const document = { url: new URL(ROOT), members: { ...MEMBERS, resource: named } }
    const [found] = [...judgeResource(RESOURCE, document)]
    expect(found?.status).toBe('failed')
    expect(found?.cause).toMatch(cause)
    expect(found?.cause).toMatch(taken ? /SDK take it/ : /SDK end the login/)
    expect(found?.fix).toContain(`Set "resource" to ${RESOURCE}, byte for byte`)
  })
})

describe('the authorization servers', () => {
  it.each<[unknown, readonly string[]]>([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [['a', 'a'], ['a']],
    [['a', 1, null], ['a']],
    ['a', []],
    [undefined, []],
  ])('of %j are %j', (servers, names) => {
    expect(serversOf({ authorization_servers: servers })).toEqual(names)
  })
})
