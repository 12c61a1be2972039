/**
 * Texts that are being written, by person and record. In memory only: a note is clinical data and must not stay in a shared
 * computer's storage. They survive the idle lock, and only the same person gets them back.
 */
const drafts = new Map<string, Draft>()
export type Draft = { templateId: string | null; kind: string; title: string; body: string }

export function readDraft(userId: string, patientId: string): Draft | null {
  return drafts.get(`${userId} ${patientId}`) ?? null
}

export function keepDraft(userId: string, patientId: string, draft: Draft): void {
  drafts.set(`${userId} ${patientId}`, draft)
}

export function dropDraft(userId: string, patientId: string): void {
  drafts.delete(`${userId} ${patientId}`)
}
