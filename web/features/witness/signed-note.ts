import { areEqual, type Bytes, concatenate, sha256 } from './merkle.ts'

const ED25519 = 1
// The specification asks for at least 16; Go's implementation takes 100.
const MAXIMUM_SIGNATURES = 100

/** Who may have signed: a name and an Ed25519 public key of 32 bytes. */
export type Verifier = { readonly name: string; readonly publicKey: Bytes }
export type SignedNote = { readonly text: string; readonly signatures: readonly { readonly name: string; readonly bytes: Bytes }[] }
export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Bytes }
/** `unsupported`: this browser cannot check Ed25519 signatures. */
export type SignatureState = 'valid' | 'invalid' | 'unsupported'

/** Strict: bits that decoding would drop could be changed without anybody noticing. Null when the text is not canonical base64. */
export function decodeBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return btoa(String.fromCharCode(...bytes)) === text ? bytes : null
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function encodeText(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text))
}

async function keyId({ name, publicKey }: Verifier): Promise<Bytes> {
  const whole = await sha256(concatenate(encodeText(`${name}\n`), Uint8Array.of(ED25519), publicKey))
  return whole.slice(0, 4)
}

/** Reads a C2SP verifier key (`name+id+base64`) of type Ed25519; null when it is malformed or its id does not fit. */
export async function parseVerifierKey(text: string): Promise<Verifier | null> {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? []
  const bytes = decodeBase64(encoded)
  if (bytes === null || bytes.length !== 33 || bytes[0] !== ED25519) return null
  const verifier = { name, publicKey: bytes.slice(1) }
  return toHex(await keyId(verifier)) === id ? verifier : null
}

/** Takes a C2SP signed note apart; null when it is malformed. Says nothing about its signatures. */
export function parseNote(note: string): SignedNote | null {
  const split = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these, and lone surrogates are no UTF-8.
  if (split < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u.test(note)) return null
  const lines = note.slice(split + 2, -1).split('\n')
  const signatures = lines.flatMap((line) => {
    const [, name = '', encoded = ''] = /^— ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? []
    const bytes = decodeBase64(encoded)
    return bytes === null || bytes.length < 5 ? [] : [{ name, bytes }]
  })
  if (lines.length > MAXIMUM_SIGNATURES || signatures.length !== lines.length) return null
  return { text: note.slice(0, split + 1), signatures }
}

/** Reads the text of a C2SP checkpoint; null when it is malformed. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', encoded = '', ...extensions] = text.slice(0, -1).split('\n')
  const root = decodeBase64(encoded)
  if (!text.endsWith('\n') || origin === '' || !/^(0|[1-9]\d{0,18})$/.test(size) || root?.length !== 32 || extensions.includes('')) return null
  return { origin, size: BigInt(size), root }
}

/** Whether the note carries this verifier's signature. A second one under the same name and id that is wrong makes it invalid. */
export async function checkSignature({ text, signatures }: SignedNote, verifier: Verifier): Promise<SignatureState> {
  const id = await keyId(verifier)
  const own = signatures.filter(({ name, bytes }) => name === verifier.name && areEqual(bytes.slice(0, 4), id))
  if (own.length === 0) return 'invalid'
  const key = await importKey(verifier.publicKey)
  if (key === null) return 'unsupported'
  for (const { bytes } of own) if (!(await crypto.subtle.verify('Ed25519', key, bytes.slice(4), encodeText(text)))) return 'invalid'
  return 'valid'
}

async function importKey(publicKey: Bytes): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') return null
    throw error
  }
}
