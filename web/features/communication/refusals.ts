import type { MessageKind, TextChannel } from '../../gql/graphql.ts'

/** What an owner may refuse, channel by channel. */
export const CLIENT_KINDS = ['REMINDER', 'BOOKING', 'WAITLIST', 'REQUEST'] as const satisfies readonly MessageKind[]
export const CLIENT_CHANNELS = ['MAIL', 'SMS'] as const satisfies readonly TextChannel[]

export type Refusal = { readonly channel: TextChannel; readonly kind: MessageKind }

export const EVERYTHING: readonly Refusal[] = CLIENT_CHANNELS.flatMap((channel) => CLIENT_KINDS.map((kind) => ({ channel, kind })))

/** What is refused when, by this channel, these kinds alone are wanted; kinds that are not offered here stay refused. */
export function withWanted(refusals: readonly Refusal[], channel: TextChannel, wanted: readonly string[]): Refusal[] {
  const others = refusals.filter((one) => one.channel !== channel || !CLIENT_KINDS.some((kind) => kind === one.kind))
  return [...others, ...CLIENT_KINDS.filter((kind) => !wanted.includes(kind)).map((kind) => ({ channel, kind }))]
}

export function wantedOf(refusals: readonly Refusal[], channel: TextChannel): string[] {
  return CLIENT_KINDS.filter((kind) => !refusals.some((one) => one.channel === channel && one.kind === kind))
}
