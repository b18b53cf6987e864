import type { CspDirectives } from './csp.js'

export type SecurityHeadersPreset = 'api' | 'web'

export interface Preset {
  readonly contentSecurityPolicy: CspDirectives
  readonly referrerPolicy: 'no-referrer' | 'strict-origin-when-cross-origin'
  readonly cacheControl: string | false
  /** Features and their allowlists; undefined sends no Permissions-Policy. */
  readonly permissionsPolicy: Readonly<Record<string, string>> | undefined
  readonly originAgentCluster: boolean
}

/** Powerful features that a page must ask for by name before it, or what is injected into it, gets them. */
const DENIED_FEATURES: Readonly<Record<string, string>> = {
  accelerometer: '()',
  'browsing-topics': '()',
  camera: '()',
  'display-capture': '()',
  geolocation: '()',
  gyroscope: '()',
  hid: '()',
  'idle-detection': '()',
  'local-fonts': '()',
  magnetometer: '()',
  microphone: '()',
  midi: '()',
  payment: '()',
  serial: '()',
  usb: '()',
  'xr-spatial-tracking': '()',
}

export const PRESETS: Readonly<Record<SecurityHeadersPreset, Preset>> = {
  /** JSON is no page: nothing may be loaded from it, framed or kept in a cache. */
  api: {
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
  },
  /**
   * Pages of one's own. With `no-referrer`, forms would send `Origin: null` to their own server, so
   * the referrer policy is the browsers' default, said aloud.
   */
  web: {
    contentSecurityPolicy: {
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
    },
    referrerPolicy: 'strict-origin-when-cross-origin',
    cacheControl: false,
    permissionsPolicy: DENIED_FEATURES,
    originAgentCluster: true,
  },
}
