import { GraphQLError } from 'graphql'
import type { AdverseAction } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import { offsetPage } from '../../schema/paging.ts'
import { fromDateColumn, type LocalDate, localDateOf } from '../kernel/time.ts'
import {
  type CredentialRow,
  findCredentialsByIds,
  listAdverseActions,
  listCredentials,
  listExpiringCredentials,
  listVerificationsByCredential,
} from './credential-queries.ts'
import { bucketOn, CREDENTIAL_TYPES, daysLeft, EXPIRY_DAYS, stateOn } from './credential-state.ts'
import { ADVERSE_KINDS, VERIFICATION_METHODS, VERIFICATION_OUTCOMES } from './credential-trail.ts'
import { findStaffByIds, listStaffByUsers } from './queries.ts'
import { StaffProfile } from './types.ts'

const CredentialVerification = builder.prismaObject('CredentialVerification', {
  description: 'A check of a credential. Never changed.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    verifiedAt: t.expose('verifiedAt', { type: 'DateTime' }),
    verifiedById: t.expose('verifiedById', { type: 'UUID', nullable: true, description: 'The user; null for the installation itself.' }),
    verifiedBy: t.field({
      type: StaffProfile,
      nullable: true,
      description: 'The same as a member of the staff; null for a user who is none.',
      resolve: async ({ verifiedById }, _args, ctx) => (verifiedById === null ? null : ((await ctx.many(listStaffByUsers, verifiedById))[0] ?? null)),
    }),
    method: t.exposeString('method', { description: `One of ${VERIFICATION_METHODS.join(', ')}.` }),
    outcome: t.exposeString('outcome', { description: `One of ${VERIFICATION_OUTCOMES.join(', ')}.` }),
    note: t.exposeString('note', { nullable: true }),
  }),
})

const CredentialState = builder.enumType('CredentialState', {
  description: 'What somebody who looks at a credential on a day must know first.',
  values: ['RECORDED', 'VERIFIED', 'SUSPENDED', 'REVOKED', 'EXPIRED', 'EXPIRING'] as const,
})
const STATES = { recorded: 'RECORDED', verified: 'VERIFIED', suspended: 'SUSPENDED', revoked: 'REVOKED', expired: 'EXPIRED', expiring: 'EXPIRING' } as const

export const StaffCredential = builder.objectRef<CredentialRow>('StaffCredential').implement({
  description: 'A licence, registration or certificate of a person.',
  fields: (t) => {
    const asOf = () => t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' })
    return {
      id: t.expose('id', { type: 'UUID' }),
      staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
      type: t.exposeString('type', { description: `One of ${CREDENTIAL_TYPES.join(', ')}.` }),
      numberEnding: t.exposeString('numberEnding', { description: 'The end of the number; in full by revealCredentialNumber.' }),
      authority: t.exposeString('authority', { description: 'Who issued it.' }),
      jurisdiction: t.exposeString('jurisdiction', { nullable: true }),
      issuedOn: t.field({ type: 'LocalDate', nullable: true, resolve: ({ issuedOn }) => issuedOn && fromDateColumn(issuedOn) }),
      expiresOn: t.field({
        type: 'LocalDate',
        nullable: true,
        description: 'The last day on which it is valid; null: it does not expire.',
        resolve: ({ expiresOn }) => expiresOn && fromDateColumn(expiresOn),
      }),
      status: t.exposeString('status', { description: 'recorded, verified, suspended or revoked; the date is another matter.' }),
      state: t.field({
        type: CredentialState,
        args: { asOf: asOf() },
        resolve: (row, { asOf: day }, ctx) => STATES[stateOn(row, day ?? today(ctx))],
      }),
      daysLeft: t.int({
        nullable: true,
        description: 'Until the last valid day; negative when it has passed.',
        args: { asOf: asOf() },
        resolve: (row, { asOf: day }, ctx) => daysLeft(row, day ?? today(ctx)),
      }),
      version: t.exposeInt('version'),
      verifications: t.field({
        type: [CredentialVerification],
        description: 'Newest first.',
        resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listVerificationsByCredential, id))],
      }),
    }
  },
})

export const AdverseActionType = builder.prismaObject('AdverseAction', {
  description: "What an authority or the clinic itself has done against a person's standing. Never changed.",
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    credential: t.field({
      type: StaffCredential,
      nullable: true,
      resolve: ({ credentialId }, _args, ctx) => (credentialId === null ? null : ctx.find(findCredentialsByIds, credentialId)),
    }),
    kind: t.exposeString('kind', { description: `One of ${ADVERSE_KINDS.join(', ')}.` }),
    occurredOn: t.field({ type: 'LocalDate', resolve: ({ occurredOn }: AdverseAction) => fromDateColumn(occurredOn) }),
    description: t.exposeString('description'),
    reportedBy: t.exposeString('reportedBy'),
    recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
    recordedById: t.expose('recordedById', { type: 'UUID', nullable: true, description: 'The user; null for the installation itself.' }),
    recordedBy: t.field({
      type: StaffProfile,
      nullable: true,
      description: 'The same as a member of the staff; null for a user who is none.',
      resolve: async ({ recordedById }, _args, ctx) => (recordedById === null ? null : ((await ctx.many(listStaffByUsers, recordedById))[0] ?? null)),
    }),
  }),
})

const ExpiryBucket = builder.enumType('ExpiryBucket', {
  description: `Expired, or within ${EXPIRY_DAYS.join(', ')} days; LATER when more days were asked for.`,
  values: ['EXPIRED', 'WITHIN_7', 'WITHIN_30', 'WITHIN_90', 'LATER'] as const,
})
const BUCKETS = { expired: 'EXPIRED', within_7: 'WITHIN_7', within_30: 'WITHIN_30', within_90: 'WITHIN_90', later: 'LATER' } as const

type Expiring = { readonly credential: CredentialRow; readonly asOf: LocalDate }
const ExpiringCredential = builder.objectRef<Expiring>('ExpiringCredential').implement({
  description: 'A credential that somebody must renew.',
  fields: (t) => ({
    credential: t.field({ type: StaffCredential, resolve: ({ credential }) => credential }),
    bucket: t.field({ type: ExpiryBucket, resolve: ({ credential, asOf }) => BUCKETS[bucketOn(credential, asOf)] }),
    daysLeft: t.int({ description: 'Negative: it has expired.', resolve: ({ credential, asOf }) => daysLeft(credential, asOf) ?? 0 }),
  }),
})

type Here = { readonly clock: { readonly now: () => Date }; readonly actor: { readonly clinic: { readonly timeZone: string } } }
function today({ clock, actor }: Here): LocalDate {
  return localDateOf(clock.now(), actor.clinic.timeZone)
}

const MOST_DAYS = 366

builder.queryFields((t) => ({
  credentials: t.connection({
    type: StaffCredential,
    description: "Credentials of one person, or of everybody within reach: the caller's own, unless they may read all.",
    args: { staffId: t.arg({ type: 'UUID' }), status: t.arg.string({ description: 'recorded, verified, suspended or revoked.' }) },
    resolve: (_root, { staffId, status, ...args }, ctx) => offsetPage(args, (page) => listCredentials(ctx.db, ctx.actor, { staffId, status }, page)),
  }),
  expiringCredentials: t.field({
    type: [ExpiringCredential],
    description: 'What has expired or will soon, of people who work here on that day, the most urgent first; 500 at most.',
    args: {
      asOf: t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' }),
      withinDays: t.arg.int({ defaultValue: EXPIRY_DAYS[2], required: true, description: `0 to ${MOST_DAYS}.` }),
    },
    resolve: async (_root, { asOf: day, withinDays }, ctx) => {
      if (withinDays < 0 || withinDays > MOST_DAYS) throw new GraphQLError(`withinDays must be 0 to ${MOST_DAYS}.`, { extensions: { code: 'BAD_USER_INPUT' } })
      const asOf = day ?? today(ctx)
      return (await listExpiringCredentials(ctx.db, ctx.actor, { asOf, withinDays })).map((credential) => ({ credential, asOf }))
    },
  }),
  adverseActions: t.connection({
    type: AdverseActionType,
    args: { staffId: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { staffId, ...args }, ctx) => offsetPage(args, (page) => listAdverseActions(ctx.db, ctx.actor, { staffId }, page)),
  }),
}))
