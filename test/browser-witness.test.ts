import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { hashLeaf as hashLeafOfServer, hashNode, proveConsistency, proveInclusion, rootAt, type SubtreeHashes } from '../modules/kernel/merkle.ts'
import { cosign, createSigner, formatVerifierKey, signNote, verifierOf } from '../modules/kernel/signed-note.ts'
import { checkGrowth } from '../web/features/witness/check-growth.ts'
import { checkLog, type Kept, knownSizes, type Served, type Verdict } from '../web/features/witness/check-log.ts'
import { type Bytes, hashLeaf, isConsistent, rootFromInclusion } from '../web/features/witness/merkle.ts'
import { checkSignature, parseCheckpoint, parseNote, parseVerifierKey } from '../web/features/witness/signed-note.ts'
import { databaseRuns } from './effort.ts'
import { LogWorld } from './log-world.ts'

const CLINIC = '0190bbbb-0000-7000-8000-000000000001'
const SISTER = '0190bbbb-0000-7000-8000-000000000002'
const SEED = new Uint8Array(32).fill(3)
// WebCrypto answers asynchronously: such a case takes milliseconds.
const RUNS = databaseRuns(200)

const bytes = (buffer: Uint8Array): Bytes => new Uint8Array(buffer)

function treeOf(size: number): SubtreeHashes {
  const perfect = (start: number, width: number): Buffer =>
    width === 1 ? hashLeafOfServer(Buffer.from(String(start))) : hashNode(perfect(start, width / 2), perfect(start + width / 2, width / 2))
  return async (wanted) =>
    wanted.map(({ level, index }) => {
      if ((Number(index) + 1) * 2 ** level > size) throw new Error('beyond the tree')
      return perfect(Number(index) * 2 ** level, 2 ** level)
    })
}

/** One bit of one hash turned, one hash left out, or one too many. */
function damaged(path: readonly Bytes[], choice: number): Bytes[] {
  const at = path.length === 0 ? 0 : choice % path.length
  if (path.length === 0 || choice % 3 === 0) return [...path, new Uint8Array(32).fill(choice % 256)]
  if (choice % 3 === 1) return path.filter((_, index) => index !== at)
  return path.map((node, index) => (index === at ? node.map((byte, place) => (place === choice % 32 ? byte ^ 1 : byte)) : node))
}

describe('proofs in the browser', () => {
  it('accept every path of the server and no damaged one', async () => {
    const cases = fc.integer({ min: 1, max: 600 }).chain((size) => fc.tuple(fc.constant(size), fc.nat({ max: size - 1 }), fc.nat()))
    await fc.assert(
      fc.asyncProperty(cases, async ([size, index, choice]) => {
        const hashes = treeOf(size)
        const root = bytes(await rootAt(BigInt(size), hashes))
        const path = (await proveInclusion(BigInt(index), BigInt(size), hashes)).map(bytes)
        const leaf = await hashLeaf(bytes(Buffer.from(String(index))))
        expect(await rootFromInclusion(BigInt(index), BigInt(size), leaf, path)).toEqual(root)
        expect(await rootFromInclusion(BigInt(index), BigInt(size), leaf, damaged(path, choice))).not.toEqual(root)
        const other = await hashLeaf(bytes(Buffer.from(`${index}'`)))
        expect(await rootFromInclusion(BigInt(index), BigInt(size), other, path)).not.toEqual(root)
      }),
      { numRuns: RUNS },
    )
  })

  it('accept every consistency proof of the server and no damaged one, nor one for another tree', async () => {
    const cases = fc.integer({ min: 1, max: 600 }).chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size }), fc.nat()))
    await fc.assert(
      fc.asyncProperty(cases, async ([size, old, choice]) => {
        const hashes = treeOf(size)
        const [was, is] = [bytes(await rootAt(BigInt(old), hashes)), bytes(await rootAt(BigInt(size), hashes))]
        const proof = (await proveConsistency(BigInt(old), BigInt(size), hashes)).map(bytes)
        expect(await isConsistent(BigInt(old), BigInt(size), was, is, proof)).toBe(true)
        expect(await isConsistent(BigInt(old), BigInt(size), was, is, damaged(proof, choice))).toBe(false)
        const turned = was.map((byte, place) => (place === choice % 32 ? byte ^ 1 : byte))
        expect(await isConsistent(BigInt(old), BigInt(size), turned, is, proof)).toBe(false)
        expect(await isConsistent(BigInt(old), BigInt(size), was, turned, proof)).toBe(false)
      }),
      { numRuns: RUNS },
    )
  })

  it('refuse hashes of other lengths, sizes that shrink and an empty tree with another root', async () => {
    const root = new Uint8Array(32)
    expect(await isConsistent(2n, 1n, root, root, [])).toBe(false)
    expect(await isConsistent(0n, 1n, root, root, [])).toBe(false)
    expect(await isConsistent(1n, 2n, root, root, [new Uint8Array(31)])).toBe(false)
    expect(await rootFromInclusion(0n, 1n, new Uint8Array(31), [])).toBeNull()
    expect(await rootFromInclusion(1n, 1n, root, [])).toBeNull()
  })
})

describe('signed notes in the browser', () => {
  const signer = createSigner('chiron/one/spine', SEED)
  const key = formatVerifierKey(verifierOf(signer))
  const text = `chiron/one/spine\n1\n${Buffer.alloc(32).toString('base64')}\n`

  const stateOf = async (note: string, vkey = key) => {
    const [parsed, verifier] = [parseNote(note), await parseVerifierKey(vkey)]
    return parsed && verifier && checkSignature(parsed, verifier)
  }

  it('of the server are valid, and cosignatures beside its own do not disturb', async () => {
    const note = signNote(text, signer)
    expect(await stateOf(note)).toBe('valid')
    expect(await stateOf(`${note}${cosign(text, createSigner('witness.example', new Uint8Array(32).fill(9)), 1n)}`)).toBe('valid')
    expect(parseCheckpoint(parseNote(note)?.text ?? '')).toMatchObject({ origin: 'chiron/one/spine', size: 1n })
  })

  it('of another key, another name, or with any byte changed are not', async () => {
    const note = signNote(text, signer)
    expect(await stateOf(signNote(text, createSigner(signer.name, new Uint8Array(32).fill(4))))).toBe('invalid')
    expect(await stateOf(signNote(text, createSigner('chiron/two/spine', SEED)))).toBe('invalid')
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: note.length - 2 }), fc.integer({ min: 1, max: 127 }), async (at, turn) => {
        const changed = `${note.slice(0, at)}${String.fromCharCode(note.charCodeAt(at) ^ turn)}${note.slice(at + 1)}`
        expect(await stateOf(changed)).not.toBe('valid')
      }),
      { numRuns: RUNS },
    )
  })

  it('are refused by their form: no signature, no last line feed, control characters, base64 with spare bits', async () => {
    const note = signNote(text, signer)
    for (const bad of ['', text, note.slice(0, -1), note.replace('\n\n', '\n'), note.replace('chiron', 'chi\u0007ron')]) expect(parseNote(bad)).toBeNull()
    expect(await parseVerifierKey(key.replace(/.=*$/, '!'))).toBeNull()
    expect(await parseVerifierKey(key.replace('one', 'two'))).toBeNull()
    for (const size of ['01', '-1', '1.5', '']) expect(parseCheckpoint(text.replace('\n1\n', `\n${size}\n`))).toBeNull()
  })

  it('are marked when the browser cannot check them', async () => {
    const cannot = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'))
    try {
      expect(await stateOf(signNote(text, signer))).toBe('unsupported')
    } finally {
      cannot.mockRestore()
    }
  })
})

describe('the browser as a witness', () => {
  const world = () => {
    const one = new LogWorld(SEED)
    one.grow(CLINIC, '2026-10', ['a', 'b', 'c'])
    one.grow(SISTER, '2026-10', ['x'])
    one.grow(CLINIC, '2026-10', ['d'])
    return one
  }
  const ask = async (log: LogWorld, kept: Kept | null, month = '2026-10', clinic = CLINIC) => log.serve(clinic, month, knownSizes(kept, clinic))
  const pass = (verdict: Verdict | null): Kept => {
    if (verdict?.problem !== null) throw new Error(`expected a log that passes, not ${verdict?.problem}`)
    return verdict.kept
  }
  const first = async (log: LogWorld) => pass(await checkLog(null, await ask(log, null), CLINIC))
  const problemOf = async (kept: Kept, served: Served | null, clinic = CLINIC) => (await checkLog(kept, served, clinic))?.problem

  it('believes the first answer, and then only what goes on from it, also over months and clinics', async () => {
    const log = world()
    let kept = await first(log)
    for (const [clinic, month] of [
      [CLINIC, '2026-10'],
      [SISTER, '2026-10'],
      [CLINIC, '2026-11'],
      [CLINIC, '2026-11'],
      [SISTER, '2026-10'],
    ] as const) {
      log.grow(clinic, month, ['more', 'entries'])
      kept = pass(await checkLog(kept, await ask(log, kept, month, clinic), clinic))
    }
    expect(Object.keys(kept.clinics)).toEqual([CLINIC, SISTER])
    expect(await checkLog(kept, await ask(log, kept, '2026-11'), CLINIC)).toMatchObject({ problem: null, isSignatureChecked: true })
  })

  it('has nothing to say before the first checkpoint, and misses one that it has seen', async () => {
    expect(await checkLog(null, null, CLINIC)).toBeNull()
    const kept = await first(world())
    expect(await checkLog(kept, null, CLINIC)).toEqual({ problem: 'shrunk', known: kept.spine, served: '' })
  })

  it('notices a log that lost its end, of the installation and of the clinic', async () => {
    const log = world()
    const older = log.copy()
    log.grow(CLINIC, '2026-10', ['e'])
    const kept = await first(log)
    expect(await problemOf(kept, await ask(older, kept))).toBe('shrunk')
    // The spine has grown meanwhile, but the clinic's log is the older one.
    for (let n = 0; n < 3; n += 1) older.grow(SISTER, '2026-10', ['y'])
    const spineOnly = { ...kept, spine: (await ask(older, null)).checkpoint }
    expect(await problemOf(spineOnly, await ask(older, spineOnly))).toBe('shrunk')
    expect(await problemOf(spineOnly, { ...(await ask(older, spineOnly)), clinicCheckpoint: null, head: null })).toBe('shrunk')
  })

  it('notices a clinic whose newest month is gone', async () => {
    const log = world()
    log.grow(CLINIC, '2026-11', ['e'])
    const kept = pass(await checkLog(null, await ask(log, null, '2026-11'), CLINIC))
    expect(await problemOf(kept, await ask(log, kept, '2026-10'))).toBe('shrunk')
  })

  it('notices a history that was rewritten and validly signed, however long it is now', async () => {
    const log = world()
    const kept = await first(log)
    const forked = log.copy()
    forked.rewriteEntry(CLINIC, '2026-10', 1, 'B')
    expect(await problemOf(kept, await ask(forked, kept))).toBe('inconsistent')
    for (let n = 0; n < 5; n += 1) forked.grow(CLINIC, '2026-10', [`later ${n}`])
    const verdict = await checkLog(kept, await ask(forked, kept), CLINIC)
    expect(verdict).toMatchObject({ problem: 'inconsistent', known: kept.spine })
  })

  it("notices a clinic's log that was rewritten under a spine that only grew", async () => {
    const log = world()
    const kept = await first(log)
    const rewritten = new LogWorld(SEED)
    rewritten.grow(CLINIC, '2026-10', ['a', 'B', 'c', 'd', 'e'])
    const theirs = await rewritten.serve(CLINIC, '2026-10', knownSizes(kept, CLINIC))
    // The forger adds the new log's head to the honest spine.
    const spine = log.copy()
    spine.grow(SISTER, '2026-10', ['y'])
    spine.rewriteSpine(3, theirs.head?.body ?? '')
    const served = await spine.serve(CLINIC, '2026-10', knownSizes(kept, CLINIC))
    const index = 3
    const head = { index, body: theirs.head?.body ?? '', proof: (await spine.proveSpine(index)).map((one) => Buffer.from(one).toString('base64')) }
    const lie = { ...served, clinicCheckpoint: theirs.clinicCheckpoint, clinicConsistency: theirs.clinicConsistency, head }
    expect(await checkLog(kept, lie, CLINIC)).toEqual({ problem: 'inconsistent', known: kept.clinics[CLINIC], served: theirs.clinicCheckpoint })
  })

  it('notices another key, and a checkpoint that the pinned key did not sign', async () => {
    const log = world()
    const kept = await first(log)
    const stranger = new LogWorld(new Uint8Array(32).fill(8))
    stranger.grow(CLINIC, '2026-10', ['a', 'b', 'c', 'd'])
    const theirs = await ask(stranger, null)
    expect(await problemOf(kept, theirs)).toBe('other-key')
    expect(await problemOf(kept, { ...theirs, verifierKey: kept.verifierKey })).toBe('bad-signature')
    const honest = await ask(log, kept)
    expect(await problemOf(kept, { ...honest, clinicCheckpoint: theirs.clinicCheckpoint })).toBe('bad-signature')
    expect(await problemOf(kept, { ...honest, checkpoint: 'nonsense' })).toBe('bad-signature')
    // Signed by the right key, but it is the clinic's checkpoint and not the spine's.
    expect(await problemOf(kept, { ...honest, checkpoint: honest.clinicCheckpoint ?? '' })).toBe('bad-signature')
  })

  it("notices a clinic's checkpoint that the spine does not hold, or that is another clinic's", async () => {
    const log = world()
    const kept = await first(log)
    const honest = await ask(log, kept)
    const head = honest.head ?? { index: 0, body: '', proof: [] }
    const lies: Partial<Served>[] = [
      { head: null },
      { head: { ...head, index: head.index - 1 } },
      { head: { ...head, index: 0.5 } },
      { head: { ...head, body: `${head.body} ` } },
      { head: { ...head, proof: head.proof.slice(1) } },
      { head: { ...head, proof: ['no base64', ...head.proof.slice(1)] } },
      { clinicCheckpoint: (await ask(log, null, '2026-10', SISTER)).clinicCheckpoint },
    ]
    for (const lie of lies) expect([lie, await problemOf(kept, { ...honest, ...lie })]).toEqual([lie, 'head-not-included'])
  })

  it('passes any honest growth and notices any entry that was rewritten before what it knows', async () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(steps, steps, fc.nat(), async (before, after, choice) => {
        const log = new LogWorld(SEED)
        let count = 0
        const grow = (to: LogWorld, [isOwn, entries]: readonly [boolean, number]) =>
          to.grow(
            isOwn ? CLINIC : SISTER,
            '2026-10',
            Array.from({ length: entries }, () => `${(count += 1)}`),
          )
        log.grow(CLINIC, '2026-10', ['0'])
        for (const step of before) grow(log, step)
        const own = 1 + before.reduce((sum, [isOwn, entries]) => sum + (isOwn ? entries : 0), 0)
        const kept = await first(log)
        for (const step of after) grow(log, step)
        const forked = log.copy()
        forked.rewriteEntry(CLINIC, '2026-10', choice % own, 'another')
        expect(await checkLog(kept, await ask(log, kept), CLINIC)).toMatchObject({ problem: null })
        expect(await problemOf(kept, await ask(forked, kept))).toBe('inconsistent')
      }),
      { numRuns: databaseRuns(40) },
    )
  })
})

describe('an old checkpoint, checked by the browser', () => {
  const clinicOrigin = (log: LogWorld) => log.origin(CLINIC, '2026-10')
  const grown = (entries: readonly string[]) => {
    const log = new LogWorld(SEED)
    for (const entry of entries) log.grow(CLINIC, '2026-10', [entry])
    return log
  }
  /** What the server proves to whoever holds the note of a log of this size. */
  const prove = async (log: LogWorld, size: number, ofClinic: boolean) => {
    const served = await log.serve(CLINIC, '2026-10', { size, clinicOrigin: clinicOrigin(log), clinicSize: size })
    const [now, proof] = ofClinic ? [served.clinicCheckpoint, served.clinicConsistency] : [served.checkpoint, served.consistency]
    return JSON.stringify({ v: 1, consistency: [{ origin: '', old: '', new: now, proof }] })
  }
  const oldOf = async (log: LogWorld) => log.serve(CLINIC, '2026-10', { size: null, clinicOrigin: null, clinicSize: null })

  it('holds when the log only grew, for the spine and for a clinic', async () => {
    const old = await oldOf(grown(['a', 'b', 'c']))
    const log = grown(['a', 'b', 'c', 'd', 'e'])
    expect(await checkGrowth(old.checkpoint, await prove(log, 3, false), old.verifierKey)).toBe('holds')
    expect(await checkGrowth(old.clinicCheckpoint ?? '', await prove(log, 3, true), old.verifierKey)).toBe('holds')
  })

  it('does not hold when the log was rewritten, and says what else is wrong', async () => {
    const old = await oldOf(grown(['a', 'b', 'c']))
    const key = old.verifierKey
    const forked = grown(['a', 'B', 'c', 'd', 'e'])
    expect(await checkGrowth(old.checkpoint, await prove(forked, 3, false), key)).toBe('inconsistent')
    expect(await checkGrowth(old.checkpoint, null, key)).toBe('cut')
    expect(await checkGrowth('Dear Sir', null, key)).toBe('unreadable')
    expect(await checkGrowth(old.checkpoint.replace('\n3\n', '\n2\n'), null, key)).toBe('bad-signature')
    const stranger = await oldOf(new LogWorld(SEED, '0190aaaa-0000-7000-8000-000000000002'))
    expect(await checkGrowth(stranger.checkpoint, null, key)).toBe('other-log')
    for (const bundle of ['{}', 'null', '{"consistency":[]}', '{"consistency":[{"new":1,"proof":2}]}'])
      expect([bundle, await checkGrowth(old.checkpoint, bundle, key)]).toEqual([bundle, 'bad-signature'])
  })
})
