import { parseSecretKey } from './config-secret.ts'
import { isLoopback } from './loopback.ts'
import { StartupError } from './startup-error.ts'

/** Where figures are served. Null in the configuration: nothing is measured. */
export type MetricsConfig = Readonly<{ port: number; host: string; token: string | null /** With the certificate of the application. */; isTls: boolean }>

/**
 * METRICS_PORT, METRICS_HOST and METRICS_TOKEN. Beyond this machine figures go to bearers of the token only, over TLS: what is slow, and
 * when nobody works, is nobody else's business. Throws StartupError.
 */
export function parseMetrics(
  env: { port: number | undefined; host: string | undefined; token: string | undefined },
  hasCertificate: boolean,
): MetricsConfig | null {
  const { port, host = '127.0.0.1', token } = env
  if (port === undefined) {
    if (env.host === undefined && token === undefined) return null
    throw new StartupError('METRICS_HOST or METRICS_TOKEN is set, but METRICS_PORT is not: set it, or unset the others.')
  }
  if (token !== undefined) parseSecretKey('METRICS_TOKEN', token)
  const isLocal = isLoopback(host)
  if (!isLocal && (token === undefined || !hasCertificate))
    throw new StartupError(`Metrics beyond this machine, on ${host}, need METRICS_TOKEN, TLS_CERT_FILE and TLS_KEY_FILE; or set METRICS_HOST=127.0.0.1.`)
  return { port, host, token: token ?? null, isTls: !isLocal }
}
