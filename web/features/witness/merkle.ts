/** Bytes as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>

const HASH_BYTES = 32

export function concatenate(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** RFC 6962 leaf hash: SHA-256(0x00 || data). */
export function hashLeaf(data: Uint8Array): Promise<Bytes> {
  return sha256(concatenate(Uint8Array.of(0), data))
}

function hashNode(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concatenate(Uint8Array.of(1), left, right))
}

// Two neighbours of 31 and 33 bytes would hash like two of 32: the bytes of a proof could move between its nodes.
function areHashes(nodes: readonly Uint8Array[]): boolean {
  return nodes.every((node) => node.length === HASH_BYTES)
}

/**
 * Walks from a node of the tree towards its root; a step tells on which side the sibling stands. Null when the path is longer
 * or shorter than the tree is high.
 */
function stepsOf(node: bigint, last: bigint, length: number): ('left' | 'right')[] | null {
  const steps: ('left' | 'right')[] = []
  while (steps.length < length) {
    if (last === 0n) return null
    if ((node & 1n) === 1n || node === last) {
      steps.push('left')
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else steps.push('right')
    node >>= 1n
    last >>= 1n
  }
  return last === 0n ? steps : null
}

/** RFC 9162 2.1.3.2: the root that the path leads to from a leaf's hash; null when the path or one of its hashes has the wrong length. */
export async function rootFromInclusion(index: bigint, size: bigint, leaf: Bytes, path: readonly Bytes[]): Promise<Bytes | null> {
  if (index < 0n || index >= size || !areHashes([leaf, ...path])) return null
  const steps = stepsOf(index, size - 1n, path.length)
  if (steps === null) return null
  let root = leaf
  for (const [at, sibling] of path.entries()) root = steps[at] === 'left' ? await hashNode(sibling, root) : await hashNode(root, sibling)
  return root
}

/** RFC 9162 2.1.4.2: true when the proof shows that the tree of `size` leaves begins with the tree of `old` leaves. */
export async function isConsistent(old: bigint, size: bigint, oldRoot: Bytes, root: Bytes, proof: readonly Bytes[]): Promise<boolean> {
  if (old < 0n || old > size || !areHashes([oldRoot, root, ...proof])) return false
  if (old === size) return proof.length === 0 && areEqual(oldRoot, root)
  if (old === 0n) return proof.length === 0 && areEqual(oldRoot, await sha256(new Uint8Array()))
  let [node, last] = [old - 1n, size - 1n]
  while ((node & 1n) === 1n) {
    node >>= 1n
    last >>= 1n
  }
  const [first, ...path] = (old & (old - 1n)) === 0n ? [oldRoot, ...proof] : proof
  const steps = stepsOf(node, last, path.length)
  if (first === undefined || steps === null) return false
  let [was, is] = [first, first]
  for (const [at, sibling] of path.entries()) {
    if (steps[at] === 'left') {
      was = await hashNode(sibling, was)
      is = await hashNode(sibling, is)
    } else is = await hashNode(is, sibling)
  }
  return areEqual(was, oldRoot) && areEqual(is, root)
}
