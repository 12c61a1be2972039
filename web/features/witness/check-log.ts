import { areEqual, type Bytes, hashLeaf, isConsistent, rootFromInclusion } from './merkle.ts'
import { type Checkpoint, checkSignature, decodeBase64, encodeText, parseCheckpoint, parseNote, parseVerifierKey, toHex, type Verifier } from './signed-note.ts'

export const PROBLEMS = ['bad-signature', 'inconsistent', 'shrunk', 'other-key', 'head-not-included'] as const
export type Problem = (typeof PROBLEMS)[number]

/** What a browser knows of a server's log: the key that it saw first and the newest checkpoints that it could check, as signed notes. */
export type Kept = { readonly verifierKey: string; readonly spine: string /** By clinic id. */; readonly clinics: Readonly<Record<string, string>> }

/** What the server says today; proofs are base64 hashes, nearest first. */
export type Served = {
  readonly verifierKey: string
  readonly checkpoint: string
  readonly consistency: readonly string[]
  readonly clinicCheckpoint: string | null
  readonly clinicConsistency: readonly string[]
  readonly head: { readonly index: number; readonly body: string; readonly proof: readonly string[] } | null
}

/** The log goes on from what was kept, or it does not, and then the two notes that contradict each other. */
export type Verdict =
  | { readonly problem: null; readonly kept: Kept; readonly isSignatureChecked: boolean }
  | { readonly problem: Problem; readonly known: string; readonly served: string }

type Read = { readonly checkpoint: Checkpoint; readonly isSignatureChecked: boolean }

/**
 * Checks what the server serves against what this browser kept: signed by the pinned key, grown and not rewritten, and the clinic's
 * log among the heads of the spine. With nothing kept the first answer is believed. `served` is null when the server says that
 * nothing has been published yet.
 */
export async function checkLog(kept: Kept | null, served: Served | null, clinicId: string): Promise<Verdict | null> {
  if (served === null) return kept === null ? null : { problem: 'shrunk', known: kept.spine, served: '' }
  if (kept !== null && kept.verifierKey !== served.verifierKey) return { problem: 'other-key', known: kept.spine, served: served.checkpoint }
  const verifier = await parseVerifierKey(served.verifierKey)
  const fault = (problem: Problem): Verdict => ({ problem, known: kept?.spine ?? '', served: served.checkpoint })
  const read = verifier && (await readSigned(served.checkpoint, verifier))
  if (!verifier || !read) return fault('bad-signature')
  const spine = read.checkpoint
  if (kept !== null) {
    const problem = await compare(kept.spine, spine, served.consistency)
    if (problem !== null) return fault(problem)
  }
  const clinic = await checkClinic({ kept: kept?.clinics[clinicId] ?? null, served, spine, verifier, clinicId })
  if (clinic !== null && 'problem' in clinic) return clinic
  const clinics = { ...kept?.clinics, ...(served.clinicCheckpoint === null ? {} : { [clinicId]: served.clinicCheckpoint }) }
  return {
    problem: null,
    kept: { verifierKey: served.verifierKey, spine: served.checkpoint, clinics },
    isSignatureChecked: read.isSignatureChecked && (clinic?.isSignatureChecked ?? true),
  }
}

/** A checkpoint of the log that the verifier is named after; null when it is malformed, of another log, or not signed by it. */
export async function readSigned(note: string, verifier: Verifier): Promise<Read | null> {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || !checkpoint || checkpoint.origin !== verifier.name) return null
  const state = await checkSignature(parsed, verifier)
  return state === 'invalid' ? null : { checkpoint, isSignatureChecked: state === 'valid' }
}

/** Whether a log goes on from the note that was kept; null when it does. */
async function compare(keptNote: string, now: Checkpoint, proof: readonly string[]): Promise<Problem | null> {
  const before = checkpointOf(keptNote)
  // What this browser wrote itself was readable: somebody has changed it here.
  if (before === null || before.origin !== now.origin) return 'inconsistent'
  if (now.size < before.size) return 'shrunk'
  const hashes = decodeProof(proof)
  return hashes !== null && (await isConsistent(before.size, now.size, before.root, now.root, hashes)) ? null : 'inconsistent'
}

type ClinicCase = { kept: string | null; served: Served; spine: Checkpoint; verifier: Verifier; clinicId: string }

async function checkClinic({ kept, served, spine, verifier, clinicId }: ClinicCase): Promise<Verdict | Read | null> {
  const note = served.clinicCheckpoint
  const fault = (problem: Problem): Verdict => ({ problem, known: kept ?? '', served: note ?? '' })
  if (note === null) return kept === null ? null : fault('shrunk')
  const origin = originOf(note)
  const month = origin.slice(-7)
  if (origin !== spine.origin.replace(/spine$/, `${clinicId}/${month}`) || !/^\d{4}-\d\d$/.test(month)) return fault('head-not-included')
  const read = await readSigned(note, { name: origin, publicKey: verifier.publicKey })
  if (read === null) return fault('bad-signature')
  if (!(await isHeadOf(served.head, read.checkpoint, { clinicId, month, spine }))) return fault('head-not-included')
  const monthBefore = kept === null ? '' : originOf(kept).slice(-7)
  if (monthBefore > month) return fault('shrunk')
  if (kept !== null && monthBefore === month) {
    const problem = await compare(kept, read.checkpoint, served.clinicConsistency)
    if (problem !== null) return fault(problem)
  }
  return read
}

type HeadPlace = { clinicId: string; month: string; spine: Checkpoint }

/** The head must say exactly what the clinic's checkpoint says, in its one canonical form, and be a leaf of the spine. */
async function isHeadOf(head: Served['head'], { root, size }: Checkpoint, { clinicId, month, spine }: HeadPlace): Promise<boolean> {
  const proof = head && decodeProof(head.proof)
  if (!head || !proof || !Number.isSafeInteger(head.index)) return false
  const body = JSON.stringify({ clinic: clinicId, kind: 'head', month, root: toHex(root), size: Number(size), v: 1 })
  if (head.body !== body) return false
  const found = await rootFromInclusion(BigInt(head.index), spine.size, await hashLeaf(encodeText(body)), proof)
  return found !== null && areEqual(found, spine.root)
}

/** The checkpoint of a note, whoever signed it; null when there is none. */
export function checkpointOf(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return parsed && parseCheckpoint(parsed.text)
}

/** Whether an origin is the spine's or one of the logs of the installation whose spine is named. */
export function isLogOf(spineOrigin: string, origin: string): boolean {
  return origin === spineOrigin || origin.startsWith(spineOrigin.replace(/spine$/, ''))
}

function originOf(note: string): string {
  return checkpointOf(note)?.origin ?? ''
}

function decodeProof(proof: readonly string[]): Bytes[] | null {
  const nodes = proof.map(decodeBase64).filter((node) => node !== null)
  return nodes.length === proof.length ? nodes : null
}

/** What the server is asked for, so that its proofs fit what was kept. */
export function knownSizes(kept: Kept | null, clinicId: string): { size: number | null; clinicOrigin: string | null; clinicSize: number | null } {
  const spine = kept && checkpointOf(kept.spine)
  const clinicNote = kept?.clinics[clinicId]
  const clinic = clinicNote === undefined ? null : checkpointOf(clinicNote)
  return { size: spine ? Number(spine.size) : null, clinicOrigin: clinic?.origin ?? null, clinicSize: clinic ? Number(clinic.size) : null }
}
