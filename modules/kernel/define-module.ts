import type { AccessTable } from './access-rules.ts'

/** What composition reads of a module. Types and root fields register themselves when `types` is called. */
export type Module = {
  readonly name: string
  readonly access: AccessTable
  /** Loads the module's Pothos types. A function, so that the builder exists first. */
  readonly types: () => Promise<unknown>
}

/** Checks a manifest's shape at compile time and freezes it. */
export function defineModule<const M extends Module>(module: M): M {
  return Object.freeze(module)
}
