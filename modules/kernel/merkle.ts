import { hash } from 'node:crypto'

/** Tells a caller that proofs or sizes do not fit together. */
export class MerkleError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MerkleError'
  }
}

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)
const HASH_BYTES = 32

/** RFC 6962 leaf hash: SHA-256(0x00 || data). */
export function hashLeaf(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF, data]), 'buffer')
}

/** RFC 6962 node hash: SHA-256(0x01 || left || right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')
}

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer')

/**
 * A growing tree that remembers only the roots of its perfect subtrees, at most 64 of them. `onNode` receives each subtree
 * as it becomes complete: level 0 are leaves.
 */
export class Frontier {
  #size: bigint
  readonly #roots: Buffer[]

  /** Takes up a tree of `size` leaves from the roots of its perfect subtrees, largest first, 32 bytes each. */
  constructor(size = 0n, roots: Uint8Array = Buffer.alloc(0)) {
    this.#size = size
    this.#roots = Array.from({ length: roots.length / 32 }, (_, index) => Buffer.from(roots.subarray(index * 32, index * 32 + 32)))
    if (this.#roots.length !== countBits(size))
      throw new MerkleError(`a tree of ${size} leaves has ${countBits(size)} perfect subtrees, not ${this.#roots.length}`)
  }

  get size(): bigint {
    return this.#size
  }

  /** Adds one leaf by its hash. */
  append(leaf: Uint8Array, onNode?: (level: number, index: bigint, hash: Uint8Array) => void): void {
    let node: Uint8Array = leaf
    onNode?.(0, this.#size, node)
    let level = 0
    for (let rest = this.#size; (rest & 1n) === 1n; rest >>= 1n) {
      const left = this.#roots.pop()
      if (!left) throw new MerkleError('the frontier does not fit its size')
      node = hashNode(left, node)
      level += 1
      onNode?.(level, this.#size >> BigInt(level), node)
    }
    this.#roots.push(Buffer.from(node))
    this.#size += 1n
  }

  /** The root of the tree as it stands. */
  root(): Buffer {
    const [last, ...larger] = this.#roots.toReversed()
    if (!last) return EMPTY_ROOT
    return larger.reduce((right, left) => hashNode(left, right), last)
  }

  /** Roots of the perfect subtrees, largest first, for the constructor. */
  roots(): Buffer {
    return Buffer.concat(this.#roots)
  }
}

function countBits(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length
}

/** A perfect subtree: 2^level leaves, the index-th of its level. */
export type Subtree = { readonly level: number; readonly index: bigint }

/** The perfect subtrees that make up the leaves from `start` (a multiple of its first subtree's width) to `end`, left to right. */
function subtreesOf(start: bigint, end: bigint): Subtree[] {
  const parts: Subtree[] = []
  for (let at = start; at < end; ) {
    let level = 0
    while ((at >> BigInt(level)) % 2n === 0n && at + (1n << BigInt(level + 1)) <= end && level < 62) level += 1
    parts.push({ level, index: at >> BigInt(level) })
    at += 1n << BigInt(level)
  }
  return parts
}

/** Gives the hash of perfect subtrees; from tiles, leaves or memory. */
export type SubtreeHashes = (wanted: readonly Subtree[]) => Promise<readonly Uint8Array[]>

/** The nodes of a proof, each made of the perfect subtrees that it stands for. */
function fold(parts: readonly Uint8Array[]): Buffer {
  const [last, ...larger] = parts.toReversed()
  if (!last) return EMPTY_ROOT
  return larger.reduce<Buffer>((right, left) => hashNode(left, right), Buffer.from(last))
}

type Range = readonly [start: bigint, end: bigint]

async function resolveRanges(ranges: readonly Range[], hashes: SubtreeHashes): Promise<Buffer[]> {
  const parts = ranges.map(([start, end]) => subtreesOf(start, end))
  const found = await hashes(parts.flat())
  const roots: Buffer[] = []
  let at = 0
  for (const part of parts) {
    roots.push(fold(found.slice(at, at + part.length)))
    at += part.length
  }
  return roots
}

/** Largest power of two below `size`, which must be at least 2. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1)
}

/** RFC 6962 2.1.1: the audit path of leaf `index` in the tree of `size` leaves, nearest first. Throws MerkleError out of range. */
export async function proveInclusion(index: bigint, size: bigint, hashes: SubtreeHashes): Promise<Buffer[]> {
  return resolveRanges(pathOf(index, size), hashes)
}

/** As `proveInclusion` for many leaves at once: the hashes of all are asked for together. */
export async function proveInclusions(indices: readonly bigint[], size: bigint, hashes: SubtreeHashes): Promise<Buffer[][]> {
  const paths = indices.map((index) => pathOf(index, size))
  const found = await resolveRanges(paths.flat(), hashes)
  let at = 0
  return paths.map(({ length }) => {
    at += length
    return found.slice(at - length, at)
  })
}

/** The leaves below each node of an audit path, nearest first. */
function pathOf(index: bigint, size: bigint): Range[] {
  if (index < 0n || index >= size) throw new MerkleError(`leaf ${index} is not in a tree of ${size}`)
  const ranges: Range[] = []
  for (let start = 0n, end = size; end - start > 1n; ) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
    }
  }
  return ranges.toReversed()
}

/** RFC 6962 2.1.2: proves that the tree of `size` begins with the tree of `old`. Empty for equal sizes and for an empty old tree. */
export async function proveConsistency(old: bigint, size: bigint, hashes: SubtreeHashes): Promise<Buffer[]> {
  if (old < 0n || old > size) throw new MerkleError(`a tree of ${size} cannot begin with one of ${old}`)
  if (old === 0n || old === size) return []
  const ranges: Range[] = []
  let [start, end, isWhole] = [0n, size, true]
  while (old !== end) {
    const middle = start + splitOf(end - start)
    if (old <= middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
      isWhole = false
    }
  }
  if (!isWhole) ranges.push([start, end])
  return resolveRanges(ranges.toReversed(), hashes)
}

/** The root of the first `size` leaves. */
export async function rootAt(size: bigint, hashes: SubtreeHashes): Promise<Buffer> {
  const [root] = await resolveRanges([[0n, size]], hashes)
  return root ?? EMPTY_ROOT
}

// Two neighbours of 31 and 33 bytes would hash like two of 32: the bytes of a proof could move between its nodes.
function areHashes(nodes: readonly Uint8Array[]): boolean {
  return nodes.every((node) => node.length === HASH_BYTES)
}

/** RFC 9162 2.1.3.2: the root that the path leads to; null when the path or one of its hashes has the wrong length. */
export function rootFromInclusion(index: bigint, size: bigint, leaf: Uint8Array, path: readonly Uint8Array[]): Buffer | null {
  if (index < 0n || index >= size || !areHashes([leaf, ...path])) return null
  let [node, last] = [index, size - 1n]
  let hash: Buffer = Buffer.from(leaf)
  for (const sibling of path) {
    if (last === 0n) return null
    if ((node & 1n) === 1n || node === last) {
      hash = hashNode(sibling, hash)
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else {
      hash = hashNode(hash, sibling)
    }
    node >>= 1n
    last >>= 1n
  }
  return last === 0n ? hash : null
}

/** RFC 9162 2.1.4.2: true when the proof shows that the tree of `size` begins with the tree of `old`. */
export function isConsistent(old: bigint, size: bigint, oldRoot: Uint8Array, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
  if (old < 0n || old > size || !areHashes([oldRoot, root, ...proof])) return false
  if (old === size) return proof.length === 0 && Buffer.from(oldRoot).equals(root)
  if (old === 0n) return proof.length === 0 && EMPTY_ROOT.equals(oldRoot)
  const path = (old & (old - 1n)) === 0n ? [oldRoot, ...proof] : [...proof]
  let [node, last] = [old - 1n, size - 1n]
  while ((node & 1n) === 1n) {
    node >>= 1n
    last >>= 1n
  }
  const [first, ...rest] = path
  if (!first) return false
  let was: Buffer = Buffer.from(first)
  let is: Buffer = was
  for (const sibling of rest) {
    if (last === 0n) return false
    if ((node & 1n) === 1n || node === last) {
      was = hashNode(sibling, was)
      is = hashNode(sibling, is)
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else {
      is = hashNode(is, sibling)
    }
    node >>= 1n
    last >>= 1n
  }
  return last === 0n && was.equals(oldRoot) && is.equals(root)
}
