import { DAY_MS } from '../../../modules/kernel/time.ts'
import type { AnchorMail } from '../../config-audit.ts'
import { openTransport } from '../../smtp-transport.ts'
import { errorCode } from '../../startup-error.ts'
import type { Published } from '../sequencer/publish.ts'
import { type Anchor, AnchorError, type Exclusive } from './anchor.ts'
import { composeSeal } from './seal-text.ts'

export type MailAnchorOptions = AnchorMail & {
  /** Verifier key of the spine, as the recipient needs it. */
  vkey: string
  now?: () => Date
  everyMs?: number
}

/** Sends the newest checkpoint to people outside, once a day, whether the log has grown or not: silence is a sign, too. */
export class MailAnchor implements Anchor {
  readonly kind = 'mail'
  readonly target: string
  readonly everyMs: number
  readonly #options: MailAnchorOptions

  constructor(options: MailAnchorOptions) {
    this.target = options.to.join(', ')
    this.everyMs = options.everyMs ?? DAY_MS
    this.#options = options
  }

  async anchor(_database: Exclusive, published: Published, signal: AbortSignal): Promise<void> {
    const { from, to, language, vkey, server, now = () => new Date() } = this.#options
    const transport = openTransport(server)
    const stop = () => transport.close()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const { rejected } = await transport.sendMail({
        from,
        to: [...to],
        ...(await composeSeal({ language, vkey, published, at: now() })),
        attachments: [{ filename: 'checkpoint.txt', content: Buffer.from(published.note), contentType: 'text/plain; charset=utf-8' }],
      })
      if (rejected && rejected.length > 0) throw new AnchorError('REFUSED', `the mail server refused ${rejected.length} of ${to.length} recipients`)
    } catch (error) {
      throw error instanceof AnchorError ? error : mailError(error)
    } finally {
      signal.removeEventListener('abort', stop)
      transport.close()
    }
  }
}

const REFUSALS: readonly unknown[] = ['EAUTH', 'EENVELOPE', 'EMESSAGE', 'ETLS']

/** By its codes alone: what mail servers say contains addresses, and sometimes what was sent. */
function mailError(error: unknown): AnchorError {
  const code = errorCode(error) ?? 'EUNKNOWN'
  const reply = typeof error === 'object' && error !== null && 'responseCode' in error ? ` ${String(error.responseCode)}` : ''
  return new AnchorError(REFUSALS.includes(code) ? 'REFUSED' : code === 'ETIMEDOUT' ? 'TIMEOUT' : 'UNREACHABLE', `${code}${reply}`, { cause: error })
}
