/**
 * An expected refusal: the caller did nothing that a retry or another input could not mend. `code` is what clients render
 * from; `message` says in English what to do next and is for logs and API users. `params` fill the translated text and
 * hold codes, ids, numbers and instants only, never another person's data.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string
  readonly params: Readonly<Record<string, string | number | null>>

  constructor(message: string, params: Readonly<Record<string, string | number | null>> = {}) {
    super(message)
    this.name = new.target.name
    this.params = params
  }
}

/** A value breaks a rule of its field. `issues` name the path and the rule. */
export class InvalidInputError extends DomainError {
  readonly code = 'INVALID_INPUT'
  readonly issues: readonly FieldIssue[]

  constructor(issues: readonly FieldIssue[]) {
    const first = issues[0]
    super(first ? `${first.path || 'input'}: ${first.message}` : 'The input is not valid.', { path: first?.path ?? '', rule: first?.rule ?? 'invalid' })
    this.issues = issues
  }
}
export type FieldIssue = { readonly path: string; readonly rule: string; readonly message: string }

/** Short form of an InvalidInputError about one field. */
export function invalid(path: string, rule: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, rule, message }])
}

/** No such record within the caller's reach. Never tells whether it exists elsewhere. */
export class NotFoundError extends DomainError {
  readonly code = 'NOT_FOUND'

  constructor(type: string) {
    super(`No ${type} with this id is within your reach. Check the id and the active clinic.`, { type })
  }
}

/** Somebody changed the record since it was read. */
export class StaleVersionError extends DomainError {
  readonly code = 'STALE_VERSION'

  constructor(type: string, current: number) {
    super(`This ${type} has changed since you read it. Load it again and repeat your change.`, { type, current })
  }
}

/** The record's state does not allow the step (a cancelled visit cannot be checked in). */
export class WrongStateError extends DomainError {
  readonly code = 'WRONG_STATE'

  constructor(type: string, from: string, to: string) {
    super(`A ${type} that is ${from} cannot become ${to}.`, { type, from, to })
  }
}

/** A value that must be unique is taken. */
export class AlreadyExistsError extends DomainError {
  readonly code = 'ALREADY_EXISTS'

  constructor(type: string, field: string) {
    super(`Another ${type} has this ${field}. Use a different one or open the existing record.`, { type, field })
  }
}

/** The same idempotency key came with another input. */
export class IdempotencyMismatchError extends DomainError {
  readonly code = 'IDEMPOTENCY_MISMATCH'

  constructor() {
    super('This Idempotency-Key was used with a different input. Send a new key for a new request.')
  }
}

/** The actor holds the operation's right, but not for this record (somebody else's draft, say). */
export class NotPermittedError extends DomainError {
  readonly code = 'NOT_PERMITTED'

  constructor(reason: string, rule: string) {
    super(reason, { rule })
  }
}
