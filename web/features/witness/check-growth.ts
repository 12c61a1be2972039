import { checkpointOf, isLogOf, readSigned } from './check-log.ts'
import { isConsistent } from './merkle.ts'
import { decodeBase64, parseVerifierKey } from './signed-note.ts'

export type Growth = 'holds' | 'unreadable' | 'other-log' | 'cut' | 'bad-signature' | 'inconsistent'

/**
 * Checks in the browser, with the key that it trusts, that today's log begins with the one of an old checkpoint. `bundle` is the
 * server's proof (docs/audit-format.md), null when it has none.
 */
export async function checkGrowth(oldNote: string, bundle: string | null, verifierKey: string): Promise<Growth> {
  const old = checkpointOf(oldNote)
  const verifier = await parseVerifierKey(verifierKey)
  if (old === null) return 'unreadable'
  if (verifier === null || !isLogOf(verifier.name, old.origin)) return 'other-log'
  const signer = { name: old.origin, publicKey: verifier.publicKey }
  if ((await readSigned(oldNote, signer)) === null) return 'bad-signature'
  if (bundle === null) return 'cut'
  const { newNote, proof } = readBundle(bundle)
  const now = await readSigned(newNote, signer)
  if (now === null) return 'bad-signature'
  const { size, root } = now.checkpoint
  const hashes = proof.map(decodeBase64).filter((hash) => hash !== null)
  const isWhole = hashes.length === proof.length
  return isWhole && (await isConsistent(old.size, size, old.root, root, hashes)) ? 'holds' : 'inconsistent'
}

function readBundle(text: string): { newNote: string; proof: string[] } {
  const bundle: unknown = JSON.parse(text)
  const list = typeof bundle === 'object' && bundle !== null && 'consistency' in bundle ? bundle.consistency : null
  const first: unknown = Array.isArray(list) ? list[0] : null
  if (typeof first !== 'object' || first === null || !('new' in first) || !('proof' in first)) return { newNote: '', proof: [] }
  const proof = Array.isArray(first.proof) ? first.proof.map(String) : []
  return { newNote: typeof first.new === 'string' ? first.new : '', proof }
}
