import { createHash } from 'node:crypto'

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const ZERO = Buffer.of(0)
const ONE = Buffer.of(1)

/** RFC 6962 once more, from the text of the standard alone: what the program under test says must come out of this too. */
export class PlainTree {
  /** Perfect subtrees from left to right. */
  readonly #peaks: { readonly width: number; readonly hash: Buffer }[] = []
  size = 0

  append(body: Uint8Array): void {
    let peak = { width: 1, hash: sha256(ZERO, body) }
    for (let left = this.#peaks.at(-1); left?.width === peak.width; left = this.#peaks.at(-1)) {
      this.#peaks.pop()
      peak = { width: 2 * peak.width, hash: sha256(ONE, left.hash, peak.hash) }
    }
    this.#peaks.push(peak)
    this.size += 1
  }

  root(): Buffer {
    const hashes = this.#peaks.map(({ hash }) => hash)
    return hashes.length === 0 ? sha256() : hashes.reduceRight((right, left) => sha256(ONE, left, right))
  }
}

/** Size and root that a checkpoint (C2SP tlog-checkpoint) states; the signature is not looked at. */
export function readPoint(note: string): { readonly size: number; readonly root: string } {
  const [, size, root] = note.split('\n')
  return { size: Number(size), root: root ?? '' }
}

/** Notes of an anchor file, one after another, each ended by a line `====`; what a crash has torn is left out. */
export function readAnchors(text: string): string[] {
  const blocks = text.split('\n====\n').slice(0, -1)
  return blocks.map((block) => `${block}\n`).filter((block) => /^chiron\/\S+\n\d+\n\S+\n/.test(block))
}
