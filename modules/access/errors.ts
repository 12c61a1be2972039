import { DomainError } from '../kernel/errors.ts'

/** The same answer for an unknown address, a wrong password and an inactive person. */
export class SignInRefusedError extends DomainError {
  readonly code = 'SIGN_IN_REFUSED'

  constructor() {
    super('The address or the password is not right.')
  }
}

export class TooManyAttemptsError extends DomainError {
  readonly code = 'TOO_MANY_ATTEMPTS'

  constructor(retryAfterSeconds: number) {
    super(`Too many attempts. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
  }
}

/** There is no session to continue. */
export class SessionEndedError extends DomainError {
  readonly code = 'SESSION_ENDED'

  constructor() {
    super('The session has ended. Sign in again.')
  }
}
