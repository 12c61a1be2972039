import { describe, expect, it } from 'vitest'
import { parseMetrics } from './config-metrics.ts'
import { StartupError } from './startup-error.ts'

const TOKEN = '2b7c1e90d4f3a8658e1b0c9d7f6a5243b1c0d9e8f7a6958473625140fedcba98'
const parse = (env: { port?: number; host?: string; token?: string }, hasCertificate = false) =>
  parseMetrics({ port: env.port, host: env.host, token: env.token }, hasCertificate)

describe('parseMetrics', () => {
  it('measures nothing unless a port is set', () => {
    expect(parse({})).toBeNull()
  })

  it('serves on this machine only, unless told otherwise', () => {
    expect(parse({ port: 9464 })).toEqual({ port: 9464, host: '127.0.0.1', token: null, isTls: false })
  })

  it('serves others over TLS, for bearers of the token', () => {
    expect(parse({ port: 9464, host: '10.0.0.5', token: TOKEN }, true)).toEqual({ port: 9464, host: '10.0.0.5', token: TOKEN, isTls: true })
  })

  it.each([
    ['a token without a port', { token: TOKEN }, false, /METRICS_PORT is not/],
    ['another machine without a token', { port: 1, host: '0.0.0.0' }, true, /beyond this machine, on 0\.0\.0\.0/],
    ['another machine in clear', { port: 1, host: '0.0.0.0', token: TOKEN }, false, /TLS_CERT_FILE/],
    ['a weak token', { port: 1, token: 'prometheus' }, false, /^METRICS_TOKEN/],
  ])('refuses %s', (_case, env, hasCertificate, message) => {
    const load = () => parse(env, hasCertificate)
    expect(load).toThrow(StartupError)
    expect(load).toThrow(message)
  })
})
