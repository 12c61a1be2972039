import { randomBytes } from 'node:crypto'
import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import {
  type AuditExport as AuditExportShape,
  EXPORT_FORMATS,
  EXPORT_STATUSES,
  findAuditExportsByIds,
  listAuditExports,
  requestAuditExport,
  storeExportTicket,
  TICKET_SECONDS,
} from './exports.ts'
import { AuditFilter } from './types.ts'

const AuditExportFilterPart = builder.objectRef<{ name: string; value: string }>('AuditExportFilterPart').implement({
  description: 'One condition of the filter of an export.',
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
})

const AuditExport = builder.objectRef<AuditExportShape>('AuditExport').implement({
  description: 'An export of the audit trail: asked for, made by a job, to be downloaded for a week.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', resolve: ({ id }) => id }),
    format: t.exposeString('format', { description: `One of ${EXPORT_FORMATS.join(', ')}.` }),
    status: t.exposeString('status', { description: `One of ${EXPORT_STATUSES.join(', ')}.` }),
    filter: t.field({
      type: [AuditExportFilterPart],
      resolve: ({ filter }) =>
        Object.entries(filter).flatMap(([name, value]) => (value === null || value === undefined ? [] : [{ name, value: String(value) }])),
    }),
    reason: t.exposeString('reason'),
    requestedById: t.field({ type: 'UUID', resolve: ({ requestedById }) => requestedById }),
    requestedByName: t.exposeString('requestedByName'),
    rowsDone: t.exposeInt('rowsDone', { description: 'Entries written so far.' }),
    progress: t.exposeFloat('fraction', { description: 'From 0 to 1, by the time span that has been walked: an estimate.' }),
    rowCount: t.exposeInt('rowCount', { nullable: true, description: 'Entries in the finished file.' }),
    fileName: t.exposeString('fileName', { nullable: true }),
    sizeBytes: t.exposeFloat('sizeBytes', { nullable: true }),
    sha256: t.exposeString('sha256', { nullable: true, description: 'Of the file, in hex.' }),
    errorCode: t.exposeString('errorCode', { nullable: true, description: 'Why it failed.' }),
    takenAt: t.expose('takenAt', { type: 'DateTime', description: 'The export holds the entries up to here.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'The file is deleted then.' }),
  }),
})

const ExportTicket = builder.objectRef<{ url: string; expiresAt: Date }>('ExportTicket').implement({
  description: `Permits one download within ${TICKET_SECONDS} seconds, by the session that asked for it.`,
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Path and query on this server.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
})

const RequestAuditExportInput = builder.inputType('RequestAuditExportInput', {
  fields: (t) => ({
    format: t.string({ required: true, description: `One of ${EXPORT_FORMATS.join(', ')}.` }),
    filter: t.field({ type: AuditFilter, description: 'As in auditEntries.' }),
    reason: t.string({ required: true, description: 'Kept in the trail.' }),
  }),
})

builder.queryFields((t) => ({
  auditExports: t.connection({
    type: AuditExport,
    description: "Exports of the active clinic's trail, newest first.",
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listAuditExports(ctx.db, ctx.actor, page)),
  }),
  auditExport: t.field({
    type: AuditExport,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findAuditExportsByIds, id),
  }),
}))

const errors = { types: commonErrors }

builder.mutationFields((t) => ({
  requestAuditExport: t.field({
    type: AuditExport,
    description: 'Begins an export of what the filter finds now. A job makes the file; auditExport tells how far it is.',
    errors,
    args: { input: t.arg({ type: RequestAuditExportInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => requestAuditExport(tx, ctx.actor, input))
      return ctx.get(findAuditExportsByIds, id)
    },
  }),
  issueExportTicket: t.field({
    type: ExportTicket,
    description: 'Lets the browser download a finished export once.',
    errors,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: async (_root, { id }, ctx, info) => {
      // A repeated request gets the ticket of the first, which is spent or over within the minute.
      const { ticket, expiresAt } = await ctx.transact(info, { id }, async (tx) => {
        const made = `${ctx.actor.organisationId}.${ctx.actor.clinic.id}.${randomBytes(32).toString('base64url')}`
        return { ticket: made, ...(await storeExportTicket(tx, ctx.actor, id, made)) }
      })
      return { url: `/exports/${id}?ticket=${ticket}`, expiresAt: new Date(expiresAt) }
    },
  }),
}))
