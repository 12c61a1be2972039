import { randomBytes } from 'node:crypto'
import { Frontier, hashLeaf, hashNode, proveConsistency, type SubtreeHashes } from '../modules/kernel/merkle.ts'
import { createSigner, formatCheckpoint, type Signer, signNote } from '../modules/kernel/signed-note.ts'

export type PublishedCheckpoint = { readonly size: bigint; readonly root: Buffer; readonly note: string }

/** A small log in memory that signs checkpoints and proves what it says; two with one signer and other leaves are a fork. */
export class TestLog {
  readonly signer: Signer
  readonly #seed: string
  readonly #forkAt: number

  /** Leaves from `forkAt` on differ from those of every other log of this seed. */
  constructor(signer: Signer = createSigner(`chiron/${randomBytes(4).toString('hex')}/spine`, randomBytes(32)), seed = 'a', forkAt = Number.POSITIVE_INFINITY) {
    this.signer = signer
    this.#seed = seed
    this.#forkAt = forkAt
  }

  /** A log of the same key whose history is another from leaf `at` on. */
  fork(at: number): TestLog {
    return new TestLog(this.signer, this.#seed, at)
  }

  #leaf(index: number): Buffer {
    return hashLeaf(Buffer.from(`${this.#seed}/${index}${index >= this.#forkAt ? '/forked' : ''}`))
  }

  #perfect(start: number, width: number): Buffer {
    return width === 1 ? this.#leaf(start) : hashNode(this.#perfect(start, width / 2), this.#perfect(start + width / 2, width / 2))
  }

  readonly hashes: SubtreeHashes = async (wanted) => wanted.map(({ level, index }) => this.#perfect(Number(index) * 2 ** level, 2 ** level))

  root(size: number): Buffer {
    const frontier = new Frontier()
    for (let index = 0; index < size; index += 1) frontier.append(this.#leaf(index))
    return frontier.root()
  }

  publish(size: number, extensions: readonly string[] = ['chiron/v1 2026-11-21T00:00:00.000000Z 1']): PublishedCheckpoint {
    const root = this.root(size)
    return { size: BigInt(size), root, note: signNote(formatCheckpoint({ origin: this.signer.name, size: BigInt(size), root, extensions }), this.signer) }
  }

  prove(old: number, size: number): Promise<Buffer[]> {
    return proveConsistency(BigInt(old), BigInt(size), this.hashes)
  }
}
