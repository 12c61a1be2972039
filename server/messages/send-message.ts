import { claimMessage, findDueMessages, type Outcome, type Outgoing, settleMessage } from '../../modules/communication/delivery.ts'
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
 * Tries a message once, if it is due: takes it up, hands it to its provider outside any transaction, and notes how that ended. Between the
 * last two a crash leaves it taken up, and it is sent again under the same id after ten minutes: at least once, never lost.
 */
export async function sendMessage(sending: SendPorts, actor: SystemActor, id: string): Promise<void> {
  const message = await commitJob(sending, actor, (tx) => claimMessage(tx, actor, id))
  if (message === null) return
  const outcome = await hand(sending, actor, message)
  if (outcome.kind !== 'sent') sending.log.warn({ message: id, channel: message.channel, outcome }, 'a message was not sent')
  await commitJob(sending, actor, (tx) => settleMessage(tx, actor, message, outcome))
}

async function hand({ ports, tokens, publicUrl }: SendPorts, actor: SystemActor, message: Outgoing): Promise<Outcome> {
  if (message.channel === 'sms') return ports.sms === null ? { kind: 'not_configured' } : ports.sms.send(message)
  if (ports.mail === null) return { kind: 'not_configured' }
  const { clientId, kind, locale } = message
  const token = clientId === null ? null : tokens.make({ organisationId: actor.organisationId, clinicId: actor.clinic.id, clientId, kind, locale })
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
