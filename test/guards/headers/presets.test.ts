import { describe, expect, it } from '@jest/globals'
import { PRESETS } from '../../../lib/guards/headers/presets.js'

describe('the preset api', () => {
  it('lets nothing be loaded from an answer, framed or kept', () => {
    expect(PRESETS.api).toEqual({
      contentSecurityPolicy: {
        'default-src': ["'none'"],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      cacheControl: 'no-store',
      permissionsPolicy: undefined,
      originAgentCluster: false,
    })
  })
})

describe('the preset web', () => {
  const { contentSecurityPolicy: csp, permissionsPolicy, ...others } = PRESETS.web

  it('runs scripts by their nonce alone, and loads the rest from its own origin', () => {
    expect(csp).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'nonce-{nonce}'", "'strict-dynamic'"],
      'style-src': ["'self'", "'nonce-{nonce}'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'"],
      'manifest-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
    })
  })

  it('sends Origin with its own forms, and may be cached', () => {
    expect(others).toEqual({
      referrerPolicy: 'strict-origin-when-cross-origin',
      cacheControl: false,
      originAgentCluster: true,
    })
  })

  it.each(['camera', 'microphone', 'geolocation', 'payment', 'usb', 'browsing-topics', 'serial'])(
    'denies pages the feature %s',
    (feature) => {
      expect(permissionsPolicy).toHaveProperty([feature], '()')
    },
  )

  it('denies each feature whole', () => {
    const allowed = Object.entries(permissionsPolicy!).filter(([, list]) => list !== '()')
    expect(allowed).toEqual([])
    expect(Object.keys(permissionsPolicy!)).toHaveLength(16)
  })
})
