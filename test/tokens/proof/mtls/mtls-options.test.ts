import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { compileMtls } from '../../../../lib/tokens/proof/mtls/mtls-options.js'

const check = optionCheck('requireBearer')
const der = new Uint8Array([1])

describe('the options of certificates', () => {
  it('take that of the connection', () => {
    const policy = compileMtls(check, { certificate: 'tls' })
    const peer = { address: '', certificate: () => der }
    expect(policy.read({ peer } as never)).toBe(der)
    expect(policy.read({} as never)).toBeUndefined()
    expect(policy.required).toBe(false)
  })

  it('take that of a reader, by its own method', () => {
    const reader = {
      der,
      read: function (this: { der: Uint8Array }) {
        return this.der
      },
    }
    const policy = compileMtls(check, { certificate: reader, mode: 'require' })
    expect(policy.read({} as never)).toBe(der)
    expect(policy.required).toBe(true)
  })

  it.each<[object, string]>([
    [{}, '"mtls.certificate" must be \'tls\' or clientCertHeader({ ... })'],
    [{ certificate: 'header' }, '"mtls.certificate" must be'],
    [{ certificate: { read: true } }, '"mtls.certificate" must be'],
    [{ certificate: 'tls', mode: 'on' }, '"mtls.mode" must be'],
    [{ certificate: 'tls', required: true }, 'unknown option "mtls.required"'],
  ])('%j are refused', (options, complaint) => {
    expect(() => compileMtls(check, options as never)).toThrow(`requireBearer: ${complaint}`)
  })
})
