import {
  AlreadyExistsError,
  type FieldIssue,
  IdempotencyMismatchError,
  InvalidInputError,
  NotFoundError,
  NotPermittedError,
  StaleVersionError,
  WrongStateError,
} from '../modules/kernel/errors.ts'
import { builder } from './builder.ts'

const ErrorParam = builder.objectRef<{ name: string; value: string | number | null }>('ErrorParam').implement({
  description: 'A value that fills the translated text of an error.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.string({ nullable: true, resolve: ({ value }) => (value === null ? null : String(value)) }),
  }),
})

const FieldIssueType = builder.objectRef<FieldIssue>('FieldIssue').implement({
  description: 'A rule that a field of the input breaks.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Dotted path into the input.' }),
    rule: t.exposeString('rule', { description: 'The rule, as a code.' }),
    message: t.exposeString('message'),
  }),
})

export const ErrorInterface = builder.interfaceType('Error', {
  description: 'An expected refusal. Clients render from `code` and `params`; `message` says what to do next.',
  fields: (t) => ({
    code: t.exposeString('code'),
    message: t.exposeString('message'),
    params: t.field({ type: [ErrorParam], resolve: (error) => Object.entries(error.params).map(([name, value]) => ({ name, value })) }),
  }),
})

// Modules declare their errors in the same way.
builder.objectType(NotFoundError, { name: 'NotFound', interfaces: [ErrorInterface] })
builder.objectType(StaleVersionError, { name: 'StaleVersion', interfaces: [ErrorInterface] })
builder.objectType(WrongStateError, { name: 'WrongState', interfaces: [ErrorInterface] })
builder.objectType(AlreadyExistsError, { name: 'AlreadyExists', interfaces: [ErrorInterface] })
builder.objectType(NotPermittedError, { name: 'NotPermitted', interfaces: [ErrorInterface] })
builder.objectType(IdempotencyMismatchError, { name: 'IdempotencyMismatch', interfaces: [ErrorInterface] })
builder.objectType(InvalidInputError, { name: 'InvalidInput', interfaces: [ErrorInterface] })
builder.objectField(InvalidInputError, 'issues', (t) => t.field({ type: [FieldIssueType], resolve: (error) => [...error.issues] }))

/** Errors that any mutation may answer; a mutation lists its own beside them: `errors: { types: [...commonErrors, SlotTakenError] }`. */
export const commonErrors = [
  InvalidInputError,
  NotFoundError,
  StaleVersionError,
  WrongStateError,
  AlreadyExistsError,
  NotPermittedError,
  IdempotencyMismatchError,
]
