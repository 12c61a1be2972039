import { createPublicKey, randomBytes, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosign,
  createSigner,
  formatCheckpoint,
  formatVerifierKey,
  isSignedBy,
  keyId,
  NoteError,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierOf,
} from './signed-note.ts'

// Examples of C2SP signed-note, tlog-checkpoint and tlog-cosignature, and the known answers of Go's note package.
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const EXAMPLE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
const PETER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PETER_SECRET = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const PETER_LINE = '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const ENOCH_LINE = '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'
const QUASIMODO = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`
const COSIGNED = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`

describe('published notes', () => {
  it('of the specification: the key verifies the example', () => {
    expect(isSignedBy(parseNote(EXAMPLE), parseVerifierKey(EXAMPLE_KEY))).toBe(true)
    expect(isSignedBy(parseNote(EXAMPLE.replace('example message', 'Example message')), parseVerifierKey(EXAMPLE_KEY))).toBe(false)
  })

  it("of Go's note package: the private key signs to the very same bytes", () => {
    const signer = createSigner('PeterNeumann', Buffer.from(PETER_SECRET, 'base64').subarray(1))
    expect(formatVerifierKey(verifierOf(signer))).toBe(PETER_KEY)
    expect(signNote(TEXT, signer)).toBe(`${TEXT}\n${PETER_LINE}`)
  })

  it('with two signatures are verified by each key, and by no other', () => {
    const both = parseNote(`${TEXT}\n${PETER_LINE}${ENOCH_LINE}`)
    expect(both.text).toBe(TEXT)
    expect(both.signatures.map(({ line }) => line)).toEqual([PETER_LINE, ENOCH_LINE])
    expect([PETER_KEY, ENOCH_KEY, EXAMPLE_KEY].map((key) => isSignedBy(both, parseVerifierKey(key)))).toEqual([true, true, false])
    expect(isSignedBy(parseNote(`${TEXT}\n${PETER_LINE}`), parseVerifierKey(ENOCH_KEY))).toBe(false)
  })

  it('whose text has empty lines end at the last one', () => {
    const { text, signatures } = parseNote(QUASIMODO)
    expect(text).toBe('Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n')
    expect(signatures.map(({ name }) => name)).toEqual(['quasimodo.example/salvatore'])
  })

  it('keys of cosigners are read and written as they are published', () => {
    const key = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
    expect(parseVerifierKey(key).type).toBe(4)
    expect(formatVerifierKey(parseVerifierKey(key))).toBe(key)
    for (const other of [EXAMPLE_KEY, PETER_KEY, ENOCH_KEY]) expect(formatVerifierKey(parseVerifierKey(other))).toBe(other)
  })

  it('checkpoints are taken apart and put together', () => {
    const { text, signatures } = parseNote(COSIGNED)
    const checkpoint = parseCheckpoint(text)
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163n, extensions: [] })
    expect(formatCheckpoint(checkpoint)).toBe(text)
    // The specification gives this cosignature's time in the message that it signs.
    expect(signatures[1]?.bytes.readBigUInt64BE(4)).toBe(1_679_315_147n)
    expect(signatures[1]?.bytes.length).toBe(4 + 8 + 64)
  })
})

describe('cosign', () => {
  const witness = createSigner('witness.example.com/w1', randomBytes(32))
  const { text } = parseNote(COSIGNED)

  it('signs the message that the specification prints', () => {
    const [, encoded = ''] = /^— witness\.example\.com\/w1 (\S+)\n$/.exec(cosign(text, witness, 1_679_315_147n)) ?? []
    const bytes = Buffer.from(encoded, 'base64')
    const message = 'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
    expect(bytes.subarray(0, 12).toString('hex')).toBe(`${keyId(verifierOf(witness, 4)).toString('hex')}00000000641850cb`)
    expect(verify(null, Buffer.from(message), createPublicKey(witness.key), bytes.subarray(12))).toBe(true)
  })

  it('adds what the cosigner verifies, for this text and time alone', () => {
    const line = cosign(text, witness, 1_679_315_147n)
    const note = `${COSIGNED}${line}`
    expect(isSignedBy(parseNote(note), verifierOf(witness, 4))).toBe(true)
    // The same key signs nothing as an author: the kind of signature is part of the key's id.
    expect(isSignedBy(parseNote(note), verifierOf(witness, 1))).toBe(false)
    expect(isSignedBy(parseNote(note.replace('20852163', '20852164')), verifierOf(witness, 4))).toBe(false)
    const bytes = parseNote(line.replace(/^/, `${text}\n`)).signatures[0]?.bytes ?? Buffer.alloc(0)
    bytes.writeBigUInt64BE(1_679_315_148n, 4)
    expect(isSignedBy(parseNote(`${text}\n— ${witness.name} ${bytes.toString('base64')}\n`), verifierOf(witness, 4))).toBe(false)
  })
})

describe('what is damaged', () => {
  it('every part and every altered byte of a verifier key is refused', () => {
    for (let from = 0; from <= PETER_KEY.length; from += 1)
      for (let to = from; to <= PETER_KEY.length; to += 1)
        if (to - from < PETER_KEY.length) expect(() => parseVerifierKey(PETER_KEY.slice(from, to))).toThrow(NoteError)
    for (let at = 0; at < PETER_KEY.length; at += 1) {
      const next = String.fromCharCode(PETER_KEY.charCodeAt(at) + 1)
      expect(() => parseVerifierKey(PETER_KEY.slice(0, at) + next + PETER_KEY.slice(at + 1))).toThrow(NoteError)
    }
  })

  it.each([
    ['a longer key with a fitting id', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['a kind nobody knows, with a fitting id', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['nothing', ''],
  ])('a verifier key that is %s is refused', (_case, key) => {
    expect(() => parseVerifierKey(key)).toThrow(NoteError)
  })

  it.each([
    ['a text alone', TEXT],
    ['an empty list of signatures', `${TEXT}\n`],
    ['a last line without its end', `${TEXT}\n${PETER_LINE.slice(0, -1)}`],
    ['a control character', `\u0001${TEXT}\n${PETER_LINE}`],
    ['a carriage return', `${TEXT.replace('\n', '\r\n')}\n${PETER_LINE}`],
    ['half a surrogate pair', `\ud800${TEXT}\n${PETER_LINE}`],
    ['a name with a space', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad Name')}`],
    ['a name with a plus', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'a+b')}`],
    ['a line that is no signature', `${TEXT}\n${PETER_LINE}Unexpected line.\n`],
    ['a hyphen for a dash', `${TEXT}\n${PETER_LINE.replace('—', '-')}`],
    ['base64 with bits left over', `${TEXT}\n${PETER_LINE.replace('nAM=', 'nAN=')}`],
    ['more signatures than anybody needs', `${TEXT}\n${PETER_LINE.repeat(101)}`],
  ])('a note with %s is malformed', (_case, note) => {
    expect(() => parseNote(note)).toThrow(NoteError)
  })

  it('a note with one good and one bad signature of the same key is not signed by it', () => {
    const bad = PETER_LINE.replace('ZJkuBS', 'ZJkuBT')
    for (const lines of [PETER_LINE + bad, bad + PETER_LINE, bad]) expect(isSignedBy(parseNote(`${TEXT}\n${lines}`), parseVerifierKey(PETER_KEY))).toBe(false)
    expect(isSignedBy(parseNote(`${TEXT}\n${PETER_LINE}${PETER_LINE}`), parseVerifierKey(PETER_KEY))).toBe(true)
  })

  it.each([
    ['no root', 'a\n1\n'],
    ['a leading zero', `a\n01\n${Buffer.alloc(32).toString('base64')}\n`],
    ['a negative size', `a\n-1\n${Buffer.alloc(32).toString('base64')}\n`],
    ['a short root', `a\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['a root with bits left over', `a\n1\n${Buffer.alloc(32).toString('base64').replace('A=', 'B=')}\n`],
    ['no origin', `\n1\n${Buffer.alloc(32).toString('base64')}\n`],
    ['an empty extension', `a\n1\n${Buffer.alloc(32).toString('base64')}\n\n`],
    ['no end', `a\n1\n${Buffer.alloc(32).toString('base64')}`],
  ])('a checkpoint with %s is refused', (_case, text) => {
    expect(() => parseCheckpoint(text)).toThrow(NoteError)
  })

  it('a text without its end is not signed, nor under a name that nobody could read again', () => {
    expect(() => signNote('text', createSigner('a', randomBytes(32)))).toThrow(NoteError)
    for (const name of ['', 'a b', 'a+b', 'a\n']) expect(() => createSigner(name, randomBytes(32))).toThrow(NoteError)
    expect(() => createSigner('a', randomBytes(31))).toThrow(NoteError)
  })
})

describe('signing and reading again', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed())
  const anyCheckpoint = fc.record({
    origin: line,
    size: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    extensions: fc.array(line, { maxLength: 2 }),
  })
  const signer = createSigner('chiron/test/spine', randomBytes(32))

  it('answers the same checkpoint', () => {
    fc.assert(
      fc.property(anyCheckpoint, (checkpoint) => {
        const note = parseNote(signNote(formatCheckpoint(checkpoint), signer))
        expect(parseCheckpoint(note.text)).toEqual(checkpoint)
        expect(isSignedBy(note, verifierOf(signer))).toBe(true)
      }),
    )
  })

  it('never accepts a note in which one byte is another', () => {
    fc.assert(
      fc.property(anyCheckpoint, fc.nat(), fc.integer({ min: 1, max: 255 }), (checkpoint, place, change) => {
        const bytes = Buffer.from(signNote(formatCheckpoint(checkpoint), signer))
        const at = place % bytes.length
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at)
        const accepted = () => {
          try {
            return isSignedBy(parseNote(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)), verifierOf(signer))
          } catch (error) {
            return !(error instanceof NoteError || error instanceof TypeError)
          }
        }
        expect(accepted()).toBe(false)
      }),
    )
  })
})
