import { describe, expect, it } from '@jest/globals'
import { RequestSender } from '../../../lib/http/request/request-sender.js'

describe('RequestSender', () => {
  it('is known by its network, and by when it came', () => {
    const sender = new RequestSender({ address: '2001:db8::1', gone: false }, 7)
    expect([sender.network, sender.arrivedAt]).toEqual(['2001:db8:0:0::/56', 7])
  })

  it('is gone as soon as its client is', () => {
    const client = { address: '', gone: false }
    const sender = new RequestSender(client, 0)
    expect(sender.gone).toBe(false)
    client.gone = true
    expect(sender.gone).toBe(true)
  })
})
