import { GraphQLError } from 'graphql'
import { builder, PAGE_SIZE } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { NoteError } from '../kernel/signed-note.ts'
import { reportMismatch, requestVerification } from './log-commands.ts'
import {
  type AnchorState,
  type Finding,
  findLogStatus,
  type LogMonth,
  type LogStatus,
  listVerifications,
  type Verification,
  type VerificationFinding,
} from './log-status.ts'
import { type EntryProofs, LEAVES_AT_MOST, proveEntries, proveGrowth, proveToWitness, type WitnessProof } from './proofs.ts'
import { listAuditEntries } from './queries.ts'
import { AuditFilter } from './types.ts'

const AuditLogMonth = builder.objectRef<LogMonth>('AuditLogMonth').implement({
  description: "One month of the active clinic's log.",
  fields: (t) => ({
    month: t.exposeString('month', { description: 'YYYY-MM, UTC.' }),
    size: t.exposeFloat('size', { description: 'Entries that are integrated.' }),
    published: t.exposeFloat('published', { description: 'Entries under a signed checkpoint.' }),
    closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true }),
    droppedAt: t.expose('droppedAt', { type: 'DateTime', nullable: true, description: 'Deleted under a retention policy; its root stays in the spine.' }),
  }),
})

const AuditAnchor = builder.objectRef<AnchorState>('AuditAnchor').implement({
  description: 'A place outside the database that keeps checkpoints.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'file, mail or witness.' }),
    target: t.exposeString('target'),
    size: t.exposeFloat('size', { description: "The spine's size at the last checkpoint that reached it." }),
    anchoredAt: t.expose('anchoredAt', { type: 'DateTime', nullable: true }),
    triedAt: t.expose('triedAt', { type: 'DateTime' }),
    error: t.exposeString('error', { nullable: true, description: 'Why the last attempt failed; null when it did not.' }),
  }),
})

const AuditFinding = builder.objectRef<Finding>('AuditFinding').implement({
  description: 'Something that reconciliation, a verification or a browser found wrong with the trail.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    at: t.expose('at', { type: 'DateTime' }),
    source: t.exposeString('source', { description: 'reconciliation, verification, browser or sequencer.' }),
    kind: t.exposeString('kind'),
    entryId: t.expose('entryId', { type: 'UUID', nullable: true }),
    detail: t.string({ description: 'JSON.', resolve: ({ detail }) => JSON.stringify(detail) }),
  }),
})

const AuditSpine = builder.objectRef<NonNullable<LogStatus['spine']>>('AuditSpine').implement({
  description: 'The log over the heads of all logs, as it was last signed.',
  fields: (t) => ({
    size: t.exposeFloat('size'),
    checkpoint: t.exposeString('note', { description: 'C2SP signed note.' }),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const AuditLogStatus = builder.objectRef<LogStatus>('AuditLogStatus').implement({
  description: 'How the transparency log over the trail stands.',
  fields: (t) => ({
    installationId: t.expose('installationId', { type: 'UUID' }),
    verifierKey: t.exposeString('verifierKey', {
      nullable: true,
      description: 'C2SP verifier key of the spine: keep it where nobody of this installation can change it.',
    }),
    lagSeconds: t.exposeFloat('lagSeconds', { description: 'Seconds for which the oldest entry waits to be integrated; above 5 somebody must look.' }),
    spine: t.expose('spine', { type: AuditSpine, nullable: true }),
    months: t.field({ type: [AuditLogMonth], resolve: ({ months }) => [...months] }),
    anchors: t.field({ type: [AuditAnchor], resolve: ({ anchors }) => [...anchors] }),
    findings: t.field({ type: [AuditFinding], description: 'The newest fifty of each source.', resolve: ({ findings }) => [...findings] }),
  }),
})

const AuditVerificationFinding = builder.objectRef<VerificationFinding>('AuditVerificationFinding').implement({
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Kind of tampering, such as body-edited or tail-cut.' }),
    log: t.exposeString('log', { nullable: true, description: "The log's name." }),
    index: t.float({ nullable: true, description: 'Position of the first bad entry in its log.', resolve: ({ index }) => index ?? null }),
    entryId: t.string({ nullable: true, resolve: ({ entry }) => entry ?? null }),
    message: t.exposeString('message', { description: 'English; clients render from the code.' }),
  }),
})

const AuditVerification = builder.objectRef<Verification>('AuditVerification').implement({
  description: 'A run of the verifier.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    state: t.exposeString('state', { description: 'waiting, running, passed, failed (tampering was found) or broken (it could not run).' }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    checked: t.exposeFloat('checked', { description: 'Entries so far.' }),
    total: t.exposeFloat('total'),
    findings: t.field({ type: [AuditVerificationFinding], resolve: ({ findings }) => [...findings] }),
    elsewhere: t.exposeInt('elsewhere', { description: "Findings about other clinics' logs, which are not told here." }),
  }),
})

const AuditProof = builder.objectRef<EntryProofs>('AuditProof').implement({
  description: 'Proof that entries are in the log, for chiron-verify.mjs.',
  fields: (t) => ({
    bundle: t.string({ description: 'JSON; docs/audit-format.md describes it.', resolve: ({ bundle }) => JSON.stringify(bundle) }),
    proven: t.exposeInt('proven', { description: 'Entries with a proof.' }),
    pending: t.exposeInt('pending', { description: 'Entries without one: not under a checkpoint yet, or out of reach.' }),
    isPartial: t.exposeBoolean('isPartial', {
      description: `More row changes belong to the entries than one answer proves (${LEAVES_AT_MOST} leaves): ask for fewer entries.`,
    }),
  }),
})

const AuditHead = builder.objectRef<NonNullable<WitnessProof['head']>>('AuditHead').implement({
  fields: (t) => ({
    index: t.exposeFloat('index'),
    body: t.exposeString('body'),
    proof: t.stringList({ resolve: ({ proof }) => [...proof] }),
  }),
})

const AuditWitness = builder.objectRef<WitnessProof>('AuditWitness').implement({
  description: 'What a browser checks at sign-in against the last checkpoint that it saw.',
  fields: (t) => ({
    verifierKey: t.exposeString('verifierKey'),
    checkpoint: t.exposeString('checkpoint', { description: "The spine's, a C2SP signed note." }),
    consistency: t.stringList({ description: 'Base64 hashes, from the known size to the checkpoint.', resolve: ({ consistency }) => [...consistency] }),
    clinicCheckpoint: t.exposeString('clinicCheckpoint', { nullable: true }),
    clinicConsistency: t.stringList({ resolve: ({ clinicConsistency }) => [...clinicConsistency] }),
    head: t.expose('head', { type: AuditHead, nullable: true, description: "The inclusion of the clinic's checkpoint in the spine." }),
  }),
})

const AuditMismatchInput = builder.inputRef<{ known: string; served: string; problem: string }>('AuditMismatchInput').implement({
  fields: (t) => ({
    known: t.string({ required: true, description: 'The checkpoint that the browser had kept; empty when none.' }),
    served: t.string({ required: true, description: 'The checkpoint that it was served; empty when none that can be read.' }),
    problem: t.field({ type: 'String', required: true, description: 'bad-signature, inconsistent, shrunk, other-key or head-not-included.' }),
  }),
})

const AuditMismatchReported = builder.objectRef<{ reported: boolean }>('AuditMismatchReported').implement({
  fields: (t) => ({ reported: t.exposeBoolean('reported') }),
})

const PROOFS_AT_MOST = 500

builder.queryFields((t) => ({
  auditLogStatus: t.field({ type: AuditLogStatus, resolve: (_root, _args, ctx) => findLogStatus(ctx.auditDb, ctx.actor) }),
  auditVerifications: t.field({
    type: [AuditVerification],
    description: 'Newest first.',
    args: { first: t.arg.int({ defaultValue: 20 }) },
    resolve: (_root, { first }, ctx) => listVerifications(ctx.auditDb, ctx.actor, Math.min(Math.max(first ?? 20, 1), PAGE_SIZE.max)),
  }),
  auditProof: t.field({
    type: AuditProof,
    description:
      'Inclusion proofs of chosen entries, or of the newest that match a filter (a record, a patient, a person, a month), with the row changes of their transactions. At most 500 entries at a time; what does not fit is left out, the named entries last.',
    args: { entryIds: t.arg({ type: ['UUID'] }), filter: t.arg({ type: AuditFilter }) },
    resolve: async (_root, { entryIds, filter }, ctx) => {
      if ((entryIds?.length ?? 0) > PROOFS_AT_MOST) throw badInput(`Ask for at most ${PROOFS_AT_MOST} entries at a time.`)
      const window = { limit: PROOFS_AT_MOST, after: null, before: null, isInverted: false }
      const ids = entryIds ?? (await listAuditEntries(ctx.auditDb, ctx.actor, filter ?? {}, window)).map(({ id }) => id)
      if (entryIds) ctx.auditDb.reads('AuditEntry', ids, ['body'])
      return proveEntries(ctx.auditDb, ids)
    },
  }),
  auditConsistency: t.string({
    nullable: true,
    description:
      "Proof, as JSON, that today's log begins with the one of an old checkpoint; null when the checkpoint is of another installation or beyond the log, which then has been cut.",
    args: { checkpoint: t.arg.string({ required: true }) },
    resolve: async (_root, { checkpoint }, ctx) => {
      try {
        const bundle = await proveGrowth(ctx.auditDb, checkpoint)
        return bundle && JSON.stringify(bundle)
      } catch (error) {
        if (error instanceof NoteError) throw badInput('This is no checkpoint. Paste the whole signed note, with its empty line and its last line feed.')
        throw error
      }
    },
  }),
  auditWitness: t.field({
    type: AuditWitness,
    nullable: true,
    description: 'Null before the first checkpoint.',
    args: {
      size: t.arg.float({ description: "The spine's size that the browser knows." }),
      clinicOrigin: t.arg.string({ description: "The clinic's log that it knows." }),
      clinicSize: t.arg.float(),
    },
    resolve: (_root, { size, clinicOrigin, clinicSize }, ctx) =>
      proveToWitness(ctx.auditDb, ctx.actor.clinic.id, {
        spine: toSize(size),
        clinic: clinicOrigin && toSize(clinicSize) !== null ? { origin: clinicOrigin, size: toSize(clinicSize) ?? 0n } : null,
      }),
  }),
}))

builder.mutationFields((t) => ({
  requestAuditVerification: t.field({
    type: AuditVerification,
    description: 'Asks for a verification of the whole trail. The process that holds the log takes it up within seconds.',
    errors: { types: commonErrors },
    resolve: async (_root, _args, ctx, info) => {
      const { id } = await ctx.transact(info, {}, (tx) => requestVerification(tx, ctx.actor))
      const found = (await listVerifications(ctx.auditDb, ctx.actor, PAGE_SIZE.max)).find((one) => one.id === id)
      if (!found) throw new Error('the verification that was asked for is gone')
      return found
    },
  }),
  reportAuditMismatch: t.field({
    type: AuditMismatchReported,
    description: 'Reports that the log does not continue the one that this browser saw last.',
    args: { input: t.arg({ type: AuditMismatchInput, required: true }) },
    errors: { types: commonErrors },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => reportMismatch(tx, ctx.actor, input)),
  }),
}))

function toSize(value: number | null | undefined): bigint | null {
  if (value === null || value === undefined) return null
  if (!Number.isSafeInteger(value) || value < 0) throw badInput('A size is a whole number that is not negative.')
  return BigInt(value)
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
