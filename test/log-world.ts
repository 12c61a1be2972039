import { Frontier, hashLeaf, hashNode, proveConsistency, proveInclusion, type SubtreeHashes } from '../modules/kernel/merkle.ts'
import { createSigner, formatCheckpoint, formatVerifierKey, type Signer, signNote, verifierOf } from '../modules/kernel/signed-note.ts'

/** What the server answers to a browser that is a witness. */
export type ServedLog = {
  verifierKey: string
  checkpoint: string
  consistency: string[]
  clinicCheckpoint: string | null
  clinicConsistency: string[]
  head: { index: number; body: string; proof: string[] } | null
}

export type Asked = { size: number | null; clinicOrigin: string | null; clinicSize: number | null }

function perfect(leaves: readonly string[], start: number, width: number): Buffer {
  if (width === 1) return hashLeaf(Buffer.from(leaves[start] ?? ''))
  return hashNode(perfect(leaves, start, width / 2), perfect(leaves, start + width / 2, width / 2))
}

const hashesOf =
  (leaves: readonly string[]): SubtreeHashes =>
  async (wanted) =>
    wanted.map(({ level, index }) => perfect(leaves, Number(index) * 2 ** level, 2 ** level))

function rootOf(leaves: readonly string[]): Buffer {
  const frontier = new Frontier()
  for (const leaf of leaves) frontier.append(hashLeaf(Buffer.from(leaf)))
  return frontier.root()
}

const toBase64 = (hashes: readonly Uint8Array[]) => hashes.map((one) => Buffer.from(one).toString('base64'))

/** An installation's spine and its clinics' logs in memory, with its key: grows honestly, and can be made to lie. */
export class LogWorld {
  readonly seed: Uint8Array
  readonly installation: string
  readonly #spine: string[] = []
  readonly #logs = new Map<string, string[]>()

  constructor(seed: Uint8Array, installation = '0190aaaa-0000-7000-8000-000000000001') {
    this.seed = seed
    this.installation = installation
  }

  #signer(name: string): Signer {
    return createSigner(name, this.seed)
  }

  #note(origin: string, leaves: readonly string[]): string {
    return signNote(
      formatCheckpoint({ origin, size: BigInt(leaves.length), root: rootOf(leaves), extensions: ['chiron/v1 2026-11-21T00:00:00.000000Z 1'] }),
      this.#signer(origin),
    )
  }

  get spineOrigin(): string {
    return `chiron/${this.installation}/spine`
  }

  origin(clinic: string, month: string): string {
    return `chiron/${this.installation}/${clinic}/${month}`
  }

  /** Adds entries to a clinic's month and publishes: its head becomes a leaf of the spine. */
  grow(clinic: string, month: string, entries: readonly string[]): void {
    const origin = this.origin(clinic, month)
    const log = [...(this.#logs.get(origin) ?? []), ...entries]
    this.#logs.set(origin, log)
    this.#spine.push(JSON.stringify({ clinic, kind: 'head', month, root: rootOf(log).toString('hex'), size: log.length, v: 1 }))
  }

  /** The same key over a history of its own, as somebody makes who holds the server. */
  copy(): LogWorld {
    const copy = new LogWorld(this.seed, this.installation)
    copy.#spine.push(...this.#spine)
    for (const [origin, leaves] of this.#logs) copy.#logs.set(origin, [...leaves])
    return copy
  }

  /** Another entry in place of one that was integrated, with the heads from then on made to fit. */
  rewriteEntry(clinic: string, month: string, index: number, entry: string): void {
    const log = this.#logs.get(this.origin(clinic, month)) ?? []
    log[index] = entry
    for (const [at, leaf] of this.#spine.entries()) {
      const head: { clinic: string; month: string; size: number } = JSON.parse(leaf)
      if (head.clinic === clinic && head.month === month && head.size > index)
        this.#spine[at] = JSON.stringify({ ...head, root: rootOf(log.slice(0, head.size)).toString('hex') })
    }
  }

  rewriteSpine(index: number, leaf: string): void {
    this.#spine[index] = leaf
  }

  /** The inclusion of a leaf in the spine. */
  proveSpine(index: number): Promise<Uint8Array[]> {
    return proveInclusion(BigInt(index), BigInt(this.#spine.length), hashesOf(this.#spine))
  }

  /** What an honest server answers about this history. */
  async serve(clinic: string, month: string, asked: Asked): Promise<ServedLog> {
    const origin = this.origin(clinic, month)
    const log = this.#logs.get(origin) ?? []
    const grow = async (leaves: readonly string[], size: number | null) =>
      size === null || size > leaves.length ? [] : toBase64(await proveConsistency(BigInt(size), BigInt(leaves.length), hashesOf(leaves)))
    const body = JSON.stringify({ clinic, kind: 'head', month, root: rootOf(log).toString('hex'), size: log.length, v: 1 })
    const index = Math.max(this.#spine.lastIndexOf(body), 0)
    const proof = log.length === 0 ? [] : toBase64(await this.proveSpine(index))
    return {
      verifierKey: formatVerifierKey(verifierOf(this.#signer(this.spineOrigin))),
      checkpoint: this.#note(this.spineOrigin, this.#spine),
      consistency: await grow(this.#spine, asked.size),
      clinicCheckpoint: log.length === 0 ? null : this.#note(origin, log),
      clinicConsistency: asked.clinicOrigin === origin ? await grow(log, asked.clinicSize) : [],
      head: log.length === 0 ? null : { index, body, proof },
    }
  }
}
