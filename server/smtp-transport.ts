import { createTransport, type Transporter } from 'nodemailer'
import type { SmtpServer } from './config-audit.ts'

/** Mail servers that distrust strangers let them wait; whoever sends does something else meanwhile. */
const STEP_TIMEOUT_MS = 30_000

/** A way to a mail server. It reads neither files nor addresses that a message names. */
export function openTransport({ host, port, security, login }: SmtpServer): Transporter {
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
    dnsTimeout: STEP_TIMEOUT_MS,
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
