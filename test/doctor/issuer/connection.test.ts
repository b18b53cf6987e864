import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals'
import { examineConnection } from '../../../lib/doctor/issuer/connection.js'
import { running, type RunningServer } from '../../../tools/server.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { examined } from '../../support/doctor-documents.js'
import { networkOf } from '../../support/network.js'

const NOW = Date.parse('2026-11-29T12:00:00Z')
let date: string | undefined
let plain: RunningServer
let secret: RunningServer

const answering: RequestListener = (_req, res) => {
  res.sendDate = false
  if (date !== undefined) res.setHeader('Date', date)
  res.end('{}')
}

beforeAll(async () => {
  plain = await running(createServer(answering))
  const { url, ...server } = await running(createTlsServer(SELF_SIGNED, answering))
  secret = { ...server, url: url.replace('http:', 'https:') }
})
beforeEach(() => {
  date = new Date(NOW).toUTCString()
  jest.spyOn(Date, 'now').mockReturnValue(NOW)
})
afterEach(() => void jest.restoreAllMocks())
afterAll(() => Promise.all([plain.close(), secret.close()]))

const look = async (server = plain, network = {}): Promise<readonly string[]> => {
  const url = new URL(server.url)
  const policy = { network: networkOf([url], network), clockToleranceSeconds: 5 }
  const { told } = await examined(examineConnection(url, policy, 2000))
  return told
}
const aheadBy = (seconds: number): void =>
  void (date = new Date(NOW + seconds * 1000).toUTCString())

describe('the way to an issuer', () => {
  it('is told with how long it took, and by which way', async () => {
    const [first] = await look()
    expect(first).toMatch(/^ok connection: 127\.0\.0\.1:\d+ answers in \d+ ms, without a proxy$/)
  })

  it('is warned of where it is not encrypted', async () => {
    const [, second] = await look()
    expect(second).toMatch(/^warning tls: None: http:\/\/127\.0\.0\.1:\d+ is plain http$/)
  })

  it('fails where nobody listens', async () => {
    const closed = await running(createServer())
    await closed.close()
    const told = await look(closed)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^failed connection: .*ECONNREFUSED/)
  })

  it('fails where nobody vouches for the certificate', async () => {
    expect((await look(secret))[0]).toMatch(/^failed connection: .*network: \{ ca \}/)
  })

  it.each([
    ['2126-10-17T12:22:47Z', 'warning', 13],
    ['2126-10-17T12:22:46Z', 'ok', 14],
  ])('at %s is %s: the certificate ends in %i days', async (now, status, days) => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse(now))
    date = new Date(now).toUTCString()
    const [, tls] = await look(secret, { ca: SELF_SIGNED.cert })
    expect(tls).toMatch(new RegExp(`^${status} tls: TLSv1\\.3, .* valid for ${days} more days$`))
  })
})

describe('the clock of an issuer', () => {
  it.each<[number, RegExp]>([
    [0, /^ok clock: Ours and that of the issuer are less than a second apart$/],
    [2, /^ok clock: .* are 2 s apart$/],
    [5, /^ok clock: .* are 5 s apart$/],
    [6, /^failed clock: Ours is 6 s behind that of the issuer$/],
    [-1, /^ok clock: .* less than a second apart$/],
    [-60, /^failed clock: Ours is 59 s ahead of that of the issuer$/],
  ])('that is %i s ahead of ours', async (seconds, told) => {
    aheadBy(seconds)
    expect((await look())[2]).toMatch(told)
  })

  it.each([undefined, 'yesterday'])('is not judged by the date %j', async (text) => {
    date = text
    expect((await look())[2]).toBe('skipped clock: The issuer sends no Date')
  })
})
