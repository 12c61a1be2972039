import type { MessageChannel, MessageStatus } from '../../gql/graphql.ts'
import { dateParam, oneOf, textParam, uuidParam } from '../../search-params.ts'

export const STATUSES = {
  queued: 'QUEUED',
  sending: 'SENDING',
  sent: 'SENT',
  delivered: 'DELIVERED',
  failed: 'FAILED',
  suppressed: 'SUPPRESSED',
  cancelled: 'CANCELLED',
} as const satisfies Record<string, MessageStatus>
export const CHANNELS = { mail: 'MAIL', sms: 'SMS', app: 'IN_APP' } as const satisfies Record<string, MessageChannel>

type Status = keyof typeof STATUSES
type Channel = keyof typeof CHANNELS

export type MessageSearch = {
  status?: Status
  channel?: Channel
  client?: string
  from?: string
  until?: string
  after?: string
  /** The message whose details are open. */
  open?: string
}

export const NO_FILTERS = {
  status: undefined,
  channel: undefined,
  client: undefined,
  from: undefined,
  until: undefined,
  after: undefined,
} as const satisfies Partial<MessageSearch>

export function isStatus(value: string | null): value is Status {
  return value !== null && value in STATUSES
}

export function isChannel(value: string | null): value is Channel {
  return value !== null && value in CHANNELS
}

export function readMessageSearch(raw: Record<string, unknown>): MessageSearch {
  return {
    status: oneOf(raw, 'status', Object.keys(STATUSES).filter(isStatus)),
    channel: oneOf(raw, 'channel', Object.keys(CHANNELS).filter(isChannel)),
    client: uuidParam(raw, 'client'),
    from: dateParam(raw, 'from'),
    until: dateParam(raw, 'until'),
    after: textParam(raw, 'after'),
    open: uuidParam(raw, 'open'),
  }
}
