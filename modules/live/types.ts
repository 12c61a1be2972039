import { GraphQLError } from 'graphql'
import { builder } from '../../schema/builder.ts'
import type { LiveEvent } from '../../schema/context.ts'
import { READABLE_TYPES } from '../compliance/index.ts'
import { hearableTypes } from './hearing.ts'

type Change = Extract<LiveEvent, { kind: 'change' | 'resync' }>

const ChangeEvent = builder.objectRef<Change>('ChangeEvent').implement({
  description: 'That records have changed: which ones, never what they hold. Read them again to see it.',
  fields: (t) => ({
    type: t.string({ nullable: true, description: 'Record type, such as Appointment. Null when isResync.', resolve: (event) => typeOf(event) }),
    ids: t.field({
      type: ['UUID'],
      nullable: true,
      description: 'Records that were created or changed. Null: any record of this type may have been.',
      resolve: (event) => (event.kind === 'change' && event.ids !== null ? [...event.ids] : null),
    }),
    isResync: t.boolean({
      description: 'The first event, and the one after any gap: changes may have been missed, so read again whatever you show.',
      resolve: ({ kind }) => kind === 'resync',
    }),
  }),
})

function typeOf(event: Change): string | null {
  return event.kind === 'change' ? event.type : null
}

builder.subscriptionFields((t) => ({
  changes: t.field({
    type: ChangeEvent,
    description:
      'Changes at the active clinic, and of what its organisation holds together, within the rights of the caller. Ends with an error that says why: UNAUTHENTICATED, CLINIC_OUT_OF_REACH, TOKEN_EXPIRED, DRAINING or UNAVAILABLE.',
    args: { types: t.arg.stringList({ description: 'Record types to hear of. By default every type that the caller may read.' }) },
    subscribe: (_root, { types }, ctx) => {
      const unknown = types?.find((type) => !READABLE_TYPES.includes(type))
      if (unknown !== undefined)
        throw new GraphQLError(`There is no record type ${unknown.slice(0, 40).toWellFormed()}.`, { extensions: { code: 'BAD_USER_INPUT' } })
      if (hearableTypes(ctx.actor, types ?? null).length === 0)
        throw new GraphQLError('You may read none of these record types.', { extensions: { code: 'FORBIDDEN' } })
      return ctx.live.open(types ?? null)
    },
    resolve: (event) => {
      if (event.kind === 'end') throw new GraphQLError(event.message, { extensions: { code: event.code } })
      return event
    },
  }),
}))
