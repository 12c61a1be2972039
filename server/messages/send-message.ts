import { claimMessage, findDueMessages, noteBrokenTry, type Outcome, type Outgoing, settleMessage } from '../../modules/communication/delivery.ts'
import { CLIENT_KINDS } from '../../modules/communication/vocabulary.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import { AccessLog } from '../audit/access-log.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { commitJob } from '../jobs/every-clinic.ts'
import type { Log } from '../log.ts'
import { composeMail } from './compose-mail.ts'
import type { MessagePorts } from './message-ports.ts'
import type { UnsubscribeTokens } from './unsubscribe-token.ts'

export type SendPorts = {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly ports: MessagePorts
  readonly tokens: UnsubscribeTokens
  /** Origin that recipients' browsers reach. */
  readonly publicUrl: string
}

/**
 * Tries a message once, if it is due: takes it up, hands it to its provider outside any transaction, and notes how that ended; whatever is thrown
 * on the way is a failure that may pass, and counts as a try. Between the last two a crash leaves it taken up, and it is sent again under the
 * same id after ten minutes: at least once, never lost.
 */
export async function sendMessage(sending: SendPorts, actor: SystemActor, id: string): Promise<void> {
  const message = await commitJob(sending, actor, (tx) => claimMessage(tx, actor, id)).catch(async (error: unknown) => {
    sending.log.error({ err: error, message: id }, 'a message could not be made')
    await commitJob(sending, actor, (tx) => noteBrokenTry(tx, actor, { id, code: codeOf('NOT_MADE', error) }))
    return null
  })
  if (message === null) return
  const outcome = await hand(sending, actor, message).catch((error: unknown): Outcome => {
    sending.log.error({ err: error, message: id }, 'a message could not be handed over')
    return { kind: 'temporary', code: codeOf('NOT_HANDED_OVER', error) }
  })
  if (outcome.kind !== 'sent') sending.log.warn({ message: id, channel: message.channel, outcome }, 'a message was not sent')
  await commitJob(sending, actor, (tx) => settleMessage(tx, actor, message, outcome))
}

/** What the log of deliveries shows of an error: its own code when it has one, and never its text, which may hold an address. */
function codeOf(what: 'NOT_MADE' | 'NOT_HANDED_OVER', error: unknown): string {
  const own = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^[A-Z][A-Z0-9_]{1,23}$/.test(own) ? `${what}_${own}` : what
}

async function hand({ ports, tokens, publicUrl }: SendPorts, actor: SystemActor, message: Outgoing): Promise<Outcome> {
  if (message.channel === 'sms') return ports.sms === null ? { kind: 'not_configured' } : ports.sms.send(message)
  if (ports.mail === null) return { kind: 'not_configured' }
  const { clientId, kind, locale } = message
  const refusable = CLIENT_KINDS.find((known) => known === kind)
  const token =
    clientId === null || refusable === undefined
      ? null
      : tokens.make({ organisationId: actor.organisationId, clinicId: actor.clinic.id, clientId, kind: refusable, locale })
  const unsubscribeUrl = token === null ? null : `${publicUrl}/unsubscribe?token=${token}`
  return ports.mail.send(await composeMail(message, { clinicName: actor.clinic.name, unsubscribeUrl }))
}

const BATCH = 100

/** Sends all messages of a clinic that are due, until there are none or it is told to stop. One that cannot be handled does not hold up the others. */
export async function drainMessages(sending: SendPorts, actor: SystemActor, signal: AbortSignal): Promise<void> {
  const failed = new Set<string>()
  for (;;) {
    const reader = sending.database.reader(scopeOf(actor), new AccessLog())
    const due = (await findDueMessages(reader, actor, sending.clock.now(), BATCH + failed.size)).filter((id) => !failed.has(id))
    if (due.length === 0) break
    for (const id of due) {
      if (signal.aborted) return
      await sendMessage(sending, actor, id).catch((error: unknown) => {
        failed.add(id)
        sending.log.error({ err: error, message: id }, 'a message could not be handled')
      })
    }
  }
}
