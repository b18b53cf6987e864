import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/index.js'
import { bindingOf } from '../../../../lib/tokens/proof/binding/binding.js'
import { NO_PROOFS } from '../../../../lib/tokens/proof/binding/possession.js'

const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

function read(cnf: unknown): unknown {
  const binding = bindingOf({ cnf })
  return binding instanceof AuthError ? binding.reason : binding
}

describe('bindingOf', () => {
  it('tells an unbound token by the lack of "cnf"', () => {
    expect(bindingOf({ sub: 'ann' })).toBeUndefined()
  })

  it.each([
    [{ jkt: THUMBPRINT }, THUMBPRINT, undefined],
    [{ 'x5t#S256': THUMBPRINT }, undefined, THUMBPRINT],
    [{ jkt: THUMBPRINT, 'x5t#S256': THUMBPRINT }, THUMBPRINT, THUMBPRINT],
  ])('reads every thumbprint of %j (7800-03)', (cnf, keyThumbprint, certificateThumbprint) => {
    expect(read(cnf)).toEqual({ keyThumbprint, certificateThumbprint })
  })

  it.each([
    {},
    'x',
    [],
    0,
    { jkt: 'x' },
    { jkt: `${THUMBPRINT}=` },
    { jkt: THUMBPRINT.replace(/.$/, 'J') },
    { jkt: [THUMBPRINT] },
    { 'x5t#S256': 'd1b7e9' },
    { jkt: THUMBPRINT, jwk: {} },
    { kid: 'a' },
    Object.create({ jkt: THUMBPRINT }),
  ])('refuses %j, which nobody here could enforce (7800-01, 7800-02, 8705-05)', (cnf) => {
    expect(read(cnf)).toBe('bound_token')
  })
})

describe('NO_PROOFS', () => {
  it('lets no bound token pass', () => {
    const need = NO_PROOFS.needOf({ cnf: { jkt: THUMBPRINT } })!
    const verdict = NO_PROOFS.judge(need, { token: 't' })
    expect(verdict).toMatchObject({ code: 'invalid_token', reason: 'bound_token' })
  })
})
