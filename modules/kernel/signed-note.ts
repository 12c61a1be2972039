import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** A note or key that is not what C2SP signed-note or tlog-checkpoint say. */
export class NoteError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NoteError'
  }
}

const ED25519 = 1
const COSIGNATURE = 4
// The specification asks for at least 16; Go's implementation takes 100.
const MAXIMUM_SIGNATURES = 100
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Signs notes under a name. The same key material under another name has another key id. */
export type Signer = { readonly name: string; readonly publicKey: Buffer; readonly key: KeyObject }
/** Who may have signed, by name and public key; `type` 0x01 signs notes, 0x04 cosigns checkpoints. */
export type Verifier = { readonly name: string; readonly type: number; readonly publicKey: Buffer }
export type NoteSignature = { readonly name: string; readonly line: string; readonly bytes: Buffer }
export type SignedNote = { readonly text: string; readonly signatures: readonly NoteSignature[] }

/** Makes a signer from a 32-byte Ed25519 seed. */
export function createSigner(name: string, seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new NoteError('an Ed25519 seed has 32 bytes')
  assertName(name)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { name, publicKey: spki.subarray(-32), key }
}

/** First four bytes of SHA-256(name || 0x0A || type || public key). */
export function keyId({ name, type, publicKey }: Verifier): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]), 'buffer').subarray(0, 4)
}

/** The verifier key as text: name+keyid+base64. */
export function formatVerifierKey(verifier: Verifier): string {
  return `${verifier.name}+${keyId(verifier).toString('hex')}+${Buffer.concat([Buffer.of(verifier.type), verifier.publicKey]).toString('base64')}`
}

/** Reads a verifier key. Throws NoteError when it is malformed or its id does not fit. */
export function parseVerifierKey(text: string): Verifier {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? []
  const bytes = decodeBase64(encoded)
  const verifier = { name: name ?? '', type: bytes[0] ?? 0, publicKey: bytes.subarray(1) }
  if (!name || bytes.length !== 33 || (verifier.type !== ED25519 && verifier.type !== COSIGNATURE)) throw new NoteError('this is no Ed25519 verifier key')
  if (keyId(verifier).toString('hex') !== id) throw new NoteError('the verifier key is damaged: its id does not fit')
  return verifier
}

/** The verifier of what a signer signs (type 0x01), or cosigns (type 0x04). */
export function verifierOf({ name, publicKey }: Signer, type: 1 | 4 = ED25519): Verifier {
  return { name, type, publicKey }
}

/** Signs a text, which must end with a line feed. Answers the whole note. */
export function signNote(text: string, signer: Signer): string {
  if (!text.endsWith('\n')) throw new NoteError("a note's text ends with a line feed")
  return `${text}\n${signatureLine(verifierOf(signer), sign(null, Buffer.from(text), signer.key))}`
}

function signatureLine(verifier: Verifier, signature: Uint8Array): string {
  return `— ${verifier.name} ${Buffer.concat([keyId(verifier), signature]).toString('base64')}\n`
}

// Strict: bits that decoding would drop could be changed without anybody noticing. Empty when it is not canonical.
function decodeBase64(encoded = ''): Buffer {
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded ? bytes : Buffer.alloc(0)
}

/** Takes a note apart. Throws NoteError when it is malformed; says nothing about its signatures. */
export function parseNote(note: string): SignedNote {
  const split = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these.
  const isText = note.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(note)
  if (split < 0 || !note.endsWith('\n') || !isText) throw new NoteError('this is no signed note')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAXIMUM_SIGNATURES) throw new NoteError(`the note has ${lines.length} signatures, more than ${MAXIMUM_SIGNATURES}`)
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^— ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? []
    const bytes = decodeBase64(encoded)
    if (name === undefined || bytes.length < 5) throw new NoteError('a signature line of the note is malformed')
    return { name, line: `${line}\n`, bytes }
  })
  return { text: note.slice(0, split + 1), signatures }
}

/** True when the note carries this verifier's signature; false also when a second one under the same name and id is wrong. */
export function isSignedBy({ text, signatures }: SignedNote, verifier: Verifier): boolean {
  const own = signatures.filter(({ name, bytes }) => name === verifier.name && bytes.subarray(0, 4).equals(keyId(verifier)))
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, verifier.publicKey]), format: 'der', type: 'spki' })
  const isValid = (bytes: Buffer) => {
    if (verifier.type === ED25519) return verify(null, Buffer.from(text), key, bytes.subarray(4))
    if (bytes.length !== 4 + 8 + 64) return false
    return verify(null, cosigned(text, bytes.readBigUInt64BE(4)), key, bytes.subarray(12))
  }
  return own.length > 0 && own.every(({ bytes }) => isValid(bytes))
}

function cosigned(text: string, time: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
}

/** C2SP tlog-cosignature: the line that a witness adds to a checkpoint, at `time` seconds since 1970. */
export function cosign(text: string, signer: Signer, time: bigint): string {
  const stamp = Buffer.alloc(8)
  stamp.writeBigUInt64BE(time)
  return signatureLine(verifierOf(signer, COSIGNATURE), Buffer.concat([stamp, sign(null, cosigned(text, time), signer.key)]))
}

export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Buffer; readonly extensions: readonly string[] }

/** C2SP tlog-checkpoint: the text of a checkpoint. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return `${[origin, size, Buffer.from(root).toString('base64'), ...extensions].join('\n')}\n`
}

/** Reads the text of a checkpoint. Throws NoteError when it is malformed. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, encoded, ...extensions] = text.slice(0, -1).split('\n')
  const root = Buffer.from(encoded ?? '', 'base64')
  const isWhole = text.endsWith('\n') && origin && /^(0|[1-9]\d{0,18})$/.test(size ?? '') && root.length === 32 && root.toString('base64') === encoded
  if (!isWhole || size === undefined || extensions.includes('')) throw new NoteError('this is no checkpoint')
  return { origin, size: BigInt(size), root, extensions }
}

function assertName(name: string): void {
  if (name === '' || /[+\s]/.test(name)) throw new NoteError(`a key's name has no space and no plus: ${name}`)
}
