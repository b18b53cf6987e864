import { describe, expect, it } from '@jest/globals'
import { createDoctorTrust, createJudge } from '../../../lib/doctor/issuer/trust.js'

const OPTIONS = { issuer: 'https://id.example.com', audience: 'api' }

describe('what the doctor judges by', () => {
  it('is the policy that requireBearer would make of the options', () => {
    const { policy, options, issuers } = createDoctorTrust(OPTIONS)
    expect(policy.issuers).toEqual([OPTIONS.issuer])
    expect(options).toBe(OPTIONS)
    expect(issuers.known(OPTIONS.issuer)).toBe(policy)
    issuers.close()
  })

  it('takes several spellings for one issuer', () => {
    const issuer = ['https://id.example.com', 'https://id.example.com/']
    const jwksUri = 'https://id.example.com/jwks'
    const { policy, issuers } = createDoctorTrust({ ...OPTIONS, issuer, jwksUri })
    expect(policy.issuers).toEqual(issuer)
    issuers.close()
  })

  it.each([
    [{ issuer: 'no URL', audience: 'api' }, '"issuer"'],
    [{ issuer: OPTIONS.issuer }, '"audience"'],
  ])('is not made of %j', (options, complaint) => {
    expect(() => createDoctorTrust(options as typeof OPTIONS)).toThrow(complaint)
    expect(() => createDoctorTrust(options as typeof OPTIONS)).toThrow(TypeError)
  })

  it('may be several issuers', () => {
    const other = { issuer: 'https://other.example.com', audience: 'api' }
    const { issuers, clock } = createJudge({ issuers: [OPTIONS, other] })
    expect(issuers.known(other.issuer)?.issuers).toEqual([other.issuer])
    expect(issuers.known('https://third.example.com')).toBeUndefined()
    expect(Math.abs(clock() - Date.now() / 1000)).toBeLessThan(60)
    issuers.close()
  })
})
