import { DomainError } from '../kernel/errors.ts'
import type { Placeholder } from './vocabulary.ts'

/** A text names a value that no message of its kind has. */
export class UnknownPlaceholderError extends DomainError {
  readonly code = 'UNKNOWN_PLACEHOLDER'

  /** @param path subject or body */
  constructor(name: string, path: 'subject' | 'body', known: readonly Placeholder[]) {
    super(`The ${path} names {{${name}}}, which this message does not have. Use one of ${known.join(', ')}.`, { name, path, known: known.join(', ') })
  }
}
