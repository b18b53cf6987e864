/** Name and version of this package: firewalls turn away requests that do not say who asks (RFC 9110 §10.1.5). */
export const USER_AGENT = 'express-resource-server/0.1.0'
