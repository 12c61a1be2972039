import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import { builder, PAGE_SIZE } from '../../schema/builder.ts'
import { type AccessSummary as AccessSummaryShape, type PersonAccess as PersonAccessShape, summariseAccess } from './access-summary.ts'
import { findLabels, labelKey } from './labels.ts'
import { type AuditEntry as AuditEntryShape, listAuditEntries } from './queries.ts'
import { listTouchedRecords, type TouchedRecord } from './touched-records.ts'
import { fromCursor, type TrailPlace, toCursor } from './trail-cursor.ts'

const AuditParam = builder.objectRef<{ name: string; value: string }>('AuditParam').implement({
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
})

const AuditAggregate = builder.objectRef<AuditEntryShape['aggregates'][number]>('AuditAggregate').implement({
  description: 'A figure that was computed over many records: its name and what it was asked for.',
  fields: (t) => ({
    name: t.exposeString('name'),
    params: t.field({ type: [AuditParam], resolve: ({ params }) => Object.entries(params).map(([name, value]) => ({ name, value })) }),
  }),
})

const AuditAccess = builder.objectRef<AuditEntryShape['reads'][number]>('AuditAccess').implement({
  description: 'Records of one type that were touched with one set of fields.',
  fields: (t) => ({
    type: t.exposeString('type'),
    ids: t.field({ type: ['UUID'], resolve: ({ ids }) => ids }),
    fields: t.exposeStringList('fields'),
  }),
})

export const AuditRecord = builder.objectRef<TouchedRecord>('AuditRecord').implement({
  description: 'One record that an operation read or changed.',
  fields: (t) => ({
    type: t.exposeString('type'),
    recordId: t.field({ type: 'UUID', resolve: ({ id }) => id }),
    label: t.string({
      nullable: true,
      description: 'How people call it today: the name, the number, the instant of a visit in UTC. Null: it has none, or the reader may not read it.',
      resolve: async (record, _args, ctx) => (await ctx.find(findLabels, labelKey(record)))?.label ?? null,
    }),
    isChanged: t.exposeBoolean('isChanged'),
    fields: t.stringList({ description: 'Fields that were read or changed.', resolve: ({ fields }) => [...fields] }),
  }),
})

export const AuditEntry = builder.objectRef<AuditEntryShape>('AuditEntry').implement({
  description: 'One operation as the audit trail keeps it: who did what, from where, to which fields of which records.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', resolve: ({ id }) => id }),
    at: t.field({ type: 'DateTime', description: "The database's clock.", resolve: ({ atText }) => new Date(atText) }),
    action: t.exposeString('action', { description: 'read, create, update, delete, login, logout, export or none.' }),
    operation: t.exposeString('operation', { description: "The operation's name; a change also names its root field." }),
    origin: t.exposeString('origin', { description: 'web, graphql, graphiql, cli, demo or job.' }),
    outcome: t.exposeString('outcome', { description: 'ok, refused (an expected error), denied (a missing right), rejected (never ran) or failed.' }),
    userId: t.expose('userId', { type: 'UUID', nullable: true, description: 'For a failed sign-in: whom it named.' }),
    userName: t.exposeString('userName', { nullable: true, description: 'A person, or the name of a job or command.' }),
    roles: t.stringList({ description: 'Codes of the roles under which the person acted.', resolve: ({ roles }) => [...roles] }),
    classes: t.stringList({ description: 'Classes of data that the operation could reach.', resolve: ({ classes }) => [...classes] }),
    types: t.stringList({ resolve: ({ types }) => [...types] }),
    recordIds: t.field({ type: ['UUID'], resolve: ({ recordIds }) => [...recordIds] }),
    detail: t.exposeString('detail', { nullable: true, description: 'Codes that explain the outcome, such as the missing permission.' }),
    address: t.exposeString('address', { nullable: true }),
    userAgent: t.exposeString('userAgent', { nullable: true }),
    sessionId: t.expose('sessionId', { type: 'UUID', nullable: true }),
    requestId: t.expose('requestId', { type: 'UUID' }),
    reason: t.exposeString('reason', { nullable: true }),
    reads: t.field({ type: [AuditAccess], resolve: ({ reads }) => reads }),
    changes: t.field({ type: [AuditAccess], resolve: ({ changes }) => changes }),
    aggregates: t.field({ type: [AuditAggregate], resolve: (entry) => entry.aggregates }),
    records: t.field({ type: [AuditRecord], description: 'Every record of `reads` and `changes` once, with its name.', resolve: listTouchedRecords }),
    hasEvidence: t.exposeBoolean('hasEvidence', {
      description: 'False when what was read and changed cannot be shown: the month has been retired, or the entry has been altered beyond reading.',
    }),
  }),
})

export const AuditFilter = builder.inputType('AuditFilter', {
  description: 'All that is given must match.',
  fields: (t) => ({
    userId: t.field({ type: 'UUID' }),
    action: t.string(),
    outcome: t.string(),
    type: t.string({ description: 'Record type that was read or changed, such as Patient.' }),
    recordId: t.field({ type: 'UUID', description: 'Answers who read or changed this record.' }),
    subjectId: t.field({
      type: 'UUID',
      description: 'A patient, client, user or staff member: answers who read or changed it or any record about it (notes, visits, invoices).',
    }),
    class: t.string({ description: 'medical, financial, controlled, personal, compliance or operational.' }),
    role: t.string({ description: 'Code of a role under which the person acted.' }),
    origin: t.string(),
    address: t.string({ description: 'The whole address.' }),
    sessionId: t.field({ type: 'UUID' }),
    from: t.field({ type: 'LocalDate' }),
    to: t.field({ type: 'LocalDate', description: 'Included.' }),
    query: t.string({ description: 'Part of the operation, the detail, the user name or the reason; case and accents do not matter.' }),
    requestId: t.field({ type: 'UUID' }),
  }),
})

const PersonAccess = builder.objectRef<PersonAccessShape>('AuditPersonAccess').implement({
  description: 'What one person, job or command did with a subject.',
  fields: (t) => ({
    userId: t.expose('userId', { type: 'UUID', nullable: true, description: 'Null for jobs and commands.' }),
    userName: t.exposeString('userName', { nullable: true }),
    roles: t.stringList({ description: 'Codes of all roles under which the person did it.', resolve: ({ roles }) => [...roles] }),
    readCount: t.exposeInt('readCount', { description: 'Operations that read; refused changes count here.' }),
    changeCount: t.exposeInt('changeCount'),
    firstAt: t.expose('firstAt', { type: 'DateTime' }),
    lastAt: t.expose('lastAt', { type: 'DateTime' }),
  }),
})

const AccessSummary = builder.objectRef<AccessSummaryShape>('AuditAccessSummary').implement({
  description: 'Who saw this: one line per person, the latest first.',
  fields: (t) => ({
    people: t.field({ type: [PersonAccess], resolve: ({ people }) => [...people] }),
    entryCount: t.exposeInt('entryCount', { description: 'Operations counted.' }),
    isPartial: t.exposeBoolean('isPartial', { description: 'Older operations exist that are not counted: narrow the days.' }),
  }),
})

builder.queryFields((t) => ({
  accessSummary: t.field({
    type: AccessSummary,
    description: 'Who saw this? Everybody who read or changed a patient, client, user or staff member, or any record about it, at the active clinic.',
    args: {
      subjectId: t.arg({ type: 'UUID', required: true }),
      from: t.arg({ type: 'LocalDate' }),
      to: t.arg({ type: 'LocalDate', description: 'Included.' }),
    },
    resolve: (_root, { subjectId, from, to }, ctx) => summariseAccess(ctx.auditDb, ctx.actor, subjectId, { from, to }),
  }),
  auditEntries: t.connection({
    type: AuditEntry,
    description: 'The audit trail of the active clinic, newest first. Reading it is recorded in it.',
    args: { filter: t.arg({ type: AuditFilter }) },
    resolve: (_root, args, ctx) =>
      resolveCursorConnection(
        { args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.max, toCursor },
        ({ after, before, limit, inverted }: ResolveCursorConnectionArgs) =>
          listAuditEntries(ctx.auditDb, ctx.actor, args.filter ?? {}, { limit, after: readCursor(after), before: readCursor(before), isInverted: inverted }),
      ),
  }),
}))

function readCursor(cursor: string | undefined): TrailPlace | null {
  if (cursor === undefined) return null
  const place = fromCursor(cursor)
  if (!place) throw new GraphQLError('The cursor is not one of this list. Start again from the first page.', { extensions: { code: 'BAD_USER_INPUT' } })
  return place
}
