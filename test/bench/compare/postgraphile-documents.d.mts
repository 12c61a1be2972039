import type { OperationName } from './operations.ts'

export const DOCUMENTS: Readonly<Record<OperationName, string>>
