import { Frontier } from '../../../modules/kernel/merkle.ts'

const WIDTH = 256
const HASH = 32

/** C2SP tlog-tiles: an index as path elements of three digits, all but the last with an x, as in x001/067. */
export function tilePath(index: bigint, width = WIDTH): string {
  const digits = index.toString().padStart(Math.ceil(index.toString().length / 3) * 3, '0')
  const parts = digits.match(/\d{3}/g) ?? []
  const path = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join('/')
  return width < WIDTH ? `${path}.p/${width}` : path
}

export type WriteFile = (path: string, content: Uint8Array) => Promise<void>
/** A full tile as the database keeps it; null when it is gone. */
export type StoredTile = (level: number, index: bigint) => Promise<Uint8Array | null>

/**
 * Writes one log in the layout of C2SP tlog-tiles while its entries pass by in order; keeps one unfinished tile per level. Full tiles are
 * written as they are stored, not as they follow from the leaves: an export shows what the database says, so that a verifier can find where
 * the two disagree.
 */
export class TileWriter {
  readonly #write: WriteFile
  readonly #folder: string
  readonly #stored: StoredTile
  #size = 0n
  readonly #levels: { index: bigint; hashes: Uint8Array[] }[] = []
  #bundle: Buffer[] = []

  /** @param folder the log's folder, as in `spine` */
  constructor(folder: string, write: WriteFile, stored: StoredTile) {
    this.#folder = folder
    this.#write = write
    this.#stored = stored
  }

  /** Adds an entry of at most 65,535 bytes and its leaf hash. */
  async add(body: Uint8Array, leafHash: Uint8Array): Promise<void> {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(body.length)
    this.#bundle.push(length, Buffer.from(body))
    this.#size += 1n
    if (this.#size % BigInt(WIDTH) === 0n) await this.#writeBundle()
    await this.#push(0, leafHash)
  }

  async #push(level: number, hash: Uint8Array): Promise<void> {
    const tile = this.#levels[level] ?? { index: 0n, hashes: [] }
    this.#levels[level] = tile
    tile.hashes.push(hash)
    if (tile.hashes.length < WIDTH) return
    this.#levels[level] = { index: tile.index + 1n, hashes: [] }
    const hashes = (await this.#stored(level, tile.index)) ?? Buffer.concat(tile.hashes)
    await this.#write(`${this.#folder}/tile/${level}/${tilePath(tile.index)}`, hashes)
    await this.#push(level + 1, rootOf(hashes))
  }

  /** Writes what is not full. */
  async end(): Promise<void> {
    if (this.#bundle.length > 0) await this.#writeBundle()
    for (const [level, { index, hashes }] of this.#levels.entries())
      if (hashes.length > 0) await this.#write(`${this.#folder}/tile/${level}/${tilePath(index, hashes.length)}`, Buffer.concat(hashes))
  }

  async #writeBundle(): Promise<void> {
    const entries = this.#bundle.length / 2
    const index = (this.#size - 1n) / BigInt(WIDTH)
    await this.#write(`${this.#folder}/tile/entries/${tilePath(index, entries)}`, Buffer.concat(this.#bundle))
    this.#bundle = []
  }
}

function rootOf(hashes: Uint8Array): Buffer {
  const tree = new Frontier()
  for (let at = 0; at < hashes.length; at += HASH) tree.append(hashes.subarray(at, at + HASH))
  return tree.root()
}
