import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import type { FieldCipher } from '../kernel/field-cipher.ts'
import { AdverseActionType, StaffCredential } from './credential.types.ts'
import { findAdverseActionsByIds, findCredentialsByIds, readCredentialNumber } from './credential-queries.ts'
import { CREDENTIAL_TYPES } from './credential-state.ts'
import {
  ADVERSE_KINDS,
  recordAdverseAction,
  revokeCredential,
  suspendCredential,
  VERIFICATION_METHODS,
  VERIFICATION_OUTCOMES,
  verifyCredential,
} from './credential-trail.ts'
import { recordCredential, revealCredentialNumber, updateCredential } from './credentials.ts'

const TYPE = `One of ${CREDENTIAL_TYPES.join(', ')}.`
const RecordCredentialInput = builder.inputType('RecordCredentialInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    type: t.string({ required: true, description: TYPE }),
    number: t.string({ required: true, description: 'Encrypted before it is stored.' }),
    authority: t.string({ required: true }),
    jurisdiction: t.string(),
    issuedOn: t.field({ type: 'LocalDate' }),
    expiresOn: t.field({ type: 'LocalDate', description: 'The last day on which it is valid.' }),
  }),
})
const UpdateCredentialInput = builder.inputType('UpdateCredentialInput', {
  description: 'What is left out stays; null clears an optional field. A verified credential is to be verified anew.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    type: t.string({ description: TYPE }),
    number: t.string(),
    authority: t.string(),
    jurisdiction: t.string(),
    issuedOn: t.field({ type: 'LocalDate' }),
    expiresOn: t.field({ type: 'LocalDate' }),
  }),
})
const VerifyCredentialInput = builder.inputType('VerifyCredentialInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    method: t.string({ required: true, description: `One of ${VERIFICATION_METHODS.join(', ')}.` }),
    outcome: t.string({ required: true, description: `One of ${VERIFICATION_OUTCOMES.join(', ')}.` }),
    note: t.string(),
  }),
})
const CredentialStandingInput = builder.inputType('CredentialStandingInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    reason: t.string({ required: true }),
    reportedBy: t.string({ required: true, description: 'Who told of it: an authority, a colleague, a court.' }),
  }),
})
const RecordAdverseActionInput = builder.inputType('RecordAdverseActionInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    credentialId: t.field({ type: 'UUID' }),
    kind: t.string({ required: true, description: `One of ${ADVERSE_KINDS.join(', ')}.` }),
    occurredOn: t.field({ type: 'LocalDate', required: true }),
    description: t.string({ required: true }),
    reportedBy: t.string({ required: true }),
  }),
})
const RevealCredentialNumberInput = builder.inputType('RevealCredentialNumberInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }) }),
})
const CredentialNumber = builder.objectRef<{ readonly id: string; readonly number: string }>('CredentialNumber').implement({
  description: 'The number of a credential in full.',
  fields: (t) => ({ id: t.field({ type: 'UUID', description: "The credential's.", resolve: ({ id }) => id }), number: t.exposeString('number') }),
})

/** What an Idempotency-Key stands for, without the number: its plain hash would give a short one away. */
function withoutNumber<Input extends { readonly number?: string | null | undefined }>(input: Input, fields: FieldCipher, organisationId: string): object {
  const place = { organisationId, table: 'idempotency_key', column: 'input_hash' }
  return { ...input, number: input.number && fields.fingerprints(input.number, place).current }
}

builder.mutationFields((t) => ({
  recordCredential: t.field({
    type: StaffCredential,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RecordCredentialInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const key = withoutNumber(input, ctx.fields, ctx.actor.organisationId)
      const { id } = await ctx.transact(info, key, (tx) => recordCredential(tx, ctx.actor, ctx.fields, input))
      return ctx.get(findCredentialsByIds, id)
    },
  }),
  updateCredential: t.field({
    type: StaffCredential,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateCredentialInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const key = withoutNumber(input, ctx.fields, ctx.actor.organisationId)
      const { id } = await ctx.transact(info, key, (tx) => updateCredential(tx, ctx.actor, ctx.fields, input))
      return ctx.get(findCredentialsByIds, id)
    },
  }),
  verifyCredential: t.field({
    type: StaffCredential,
    description: 'Adds a check to the trail of a credential of somebody else.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: VerifyCredentialInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => verifyCredential(tx, ctx.actor, input))
      return ctx.get(findCredentialsByIds, id)
    },
  }),
  suspendCredential: t.field({
    type: StaffCredential,
    description: 'Until it is verified anew. Adds an adverse action with the reason.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CredentialStandingInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => suspendCredential(tx, ctx.actor, input))
      return ctx.get(findCredentialsByIds, id)
    },
  }),
  revokeCredential: t.field({
    type: StaffCredential,
    description: 'For good. Adds an adverse action with the reason.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CredentialStandingInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => revokeCredential(tx, ctx.actor, input))
      return ctx.get(findCredentialsByIds, id)
    },
  }),
  recordAdverseAction: t.field({
    type: AdverseActionType,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RecordAdverseActionInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => recordAdverseAction(tx, ctx.actor, input))
      return ctx.get(findAdverseActionsByIds, id)
    },
  }),
  revealCredentialNumber: t.field({
    type: CredentialNumber,
    description: 'Shows the number of a credential in full to whoever manages credentials and to the person, and records that it did.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RevealCredentialNumberInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => revealCredentialNumber(tx, ctx.actor, input))
      return { id, number: await readCredentialNumber(ctx.db, ctx.actor, ctx.fields, id) }
    },
  }),
}))
