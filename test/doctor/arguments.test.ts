import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readArguments, USAGE, UsageError } from '../../lib/doctor/arguments.js'

const read = (line: string): ReturnType<typeof readArguments> => readArguments(line.split(' '))
const complaint = (argv: readonly string[]): string => {
  try {
    readArguments(argv)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'none'
}

describe('arguments of doctor', () => {
  it.each([
    ['', 'The one command there is: doctor'],
    ['doctor doctor --mcp u', 'The one command there is: doctor'],
    ['nurse --mcp u', 'The one command there is: doctor'],
    ['doctor', 'Say what to look at'],
    ['doctor --json', 'Say what to look at'],
    ['doctor --unknown x', "Unknown option '--unknown'"],
    ['doctor --issuer', "Option '--issuer <value>' argument missing"],
    ['doctor --issuer i', 'Say for whom tokens must be'],
    ['doctor --issuer i --audience a --mcp u', '--mcp finds the issuer by itself'],
    [
      'doctor --issuer i --audience a --profile p',
      '--profile is one of lenient, rfc9068, id_token',
    ],
    ['doctor --mcp u --name n', '--name is that of the store in --redis'],
    ['doctor --mcp u --ca /no/such/file', '--ca: Error: ENOENT'],
  ])('"%s" are refused: %s', (line, message) => {
    expect(complaint(line === '' ? [] : line.split(' '))).toContain(message)
  })

  it.each(['--help', '-h', '--version'])('%s needs nothing else', (flag) => {
    expect(read(flag)).toMatchObject({ issuer: undefined, mcp: undefined, json: false })
  })

  it('name an issuer, and for whom its tokens are', () => {
    expect(read('doctor --issuer i --audience a --audience b --json')).toMatchObject({
      issuer: { issuer: 'i', audience: ['a', 'b'], network: {} },
      json: true,
      help: false,
      version: false,
    })
    expect(read('doctor --issuer i --audience a').issuer).not.toHaveProperty('clientId')
  })

  it('may name clients in place of an audience', () => {
    const { issuer } = read('doctor --issuer i --client-id c --profile rfc9068')
    expect(issuer).toMatchObject({ audience: false, clientId: ['c'], profile: 'rfc9068' })
  })

  it('say where keys and metadata are', () => {
    const line = 'doctor --issuer i --audience a --jwks-uri j --discovery-url d'
    expect(read(line).issuer).toMatchObject({ jwksUri: 'j', discoveryUrl: 'd' })
  })

  it('say how the network is, for an MCP server as well', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'doctor-')), 'ca.pem')
    writeFileSync(file, 'a CA')
    const more = `--ca ${file} --allow-loopback l --dangerously-allow-http h`
    const network = { ca: 'a CA', allowLoopback: ['l'], dangerouslyAllowHttp: ['h'] }
    expect(read(`doctor --mcp u ${more}`).mcp).toEqual({ url: 'u', audience: undefined, network })
    expect(read(`doctor --issuer i --audience a ${more}`).issuer?.network).toEqual(network)
  })

  it('name a Redis and a module', () => {
    const { redis, config } = read('doctor --redis r --name n --config c')
    expect({ redis, config }).toEqual({ redis: { url: 'r', name: 'n' }, config: 'c' })
    expect(read('doctor --redis r').redis).toEqual({ url: 'r', name: undefined })
  })

  it('are all told by --help', () => {
    const names = 'issuer audience client-id jwks-uri discovery-url profile ca allow-loopback'
    const more = 'dangerously-allow-http config mcp redis name json help version'
    for (const name of `${names} ${more}`.split(' ')) expect(USAGE).toContain(`--${name}`)
  })
})
