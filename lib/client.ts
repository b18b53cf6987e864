export { apiFetch, type ApiFetchOptions } from './client/api-fetch.js'
