import { hash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EMPTY_ROOT,
  Frontier,
  hashLeaf,
  hashNode,
  isConsistent,
  MerkleError,
  proveConsistency,
  proveInclusion,
  rootAt,
  rootFromInclusion,
  type SubtreeHashes,
} from './merkle.ts'

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
const sha256 = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer')

/** RFC 6962 section 2.1 word for word, over leaf hashes; perfect subtrees are remembered, because there are many questions. */
class NaiveTree {
  readonly #leaves: readonly Buffer[]
  readonly #known = new Map<string, Buffer>()

  constructor(leaves: readonly Buffer[]) {
    this.#leaves = leaves
  }

  root(start: number, end: number): Buffer {
    const count = end - start
    if (count === 0) return sha256()
    const [leaf] = this.#leaves.slice(start, start + 1)
    if (!leaf) throw new Error('no such leaf')
    if (count === 1) return leaf
    const key = `${start}-${end}`
    const known = this.#known.get(key)
    if (known) return known
    const k = split(count)
    const root = sha256(Buffer.of(1), this.root(start, start + k), this.root(start + k, end))
    if ((count & (count - 1)) === 0) this.#known.set(key, root)
    return root
  }

  path(m: number, start: number, end: number): Buffer[] {
    const count = end - start
    if (count === 1) return []
    const k = split(count)
    return m < k ? [...this.path(m, start, start + k), this.root(start + k, end)] : [...this.path(m - k, start + k, end), this.root(start, start + k)]
  }

  proof(m: number, start: number, end: number, isWhole = true): Buffer[] {
    const count = end - start
    if (m === count) return isWhole ? [] : [this.root(start, end)]
    const k = split(count)
    return m <= k
      ? [...this.proof(m, start, start + k, isWhole), this.root(start + k, end)]
      : [...this.proof(m - k, start + k, end, false), this.root(start, start + k)]
  }

  readonly hashes: SubtreeHashes = async (wanted) => wanted.map(({ level, index }) => this.root(Number(index) * 2 ** level, (Number(index) + 1) * 2 ** level))
}

function split(count: number): number {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

describe('the published test data of certificate transparency', () => {
  const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const ROOTS = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  const INCLUSION: [index: number, size: number, path: string[]][] = [
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ]
  const CONSISTENCY: [old: number, size: number, proof: string[]][] = [
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 5, ['5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b']],
    [
      6,
      7,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
  ]
  const leaves = LEAVES.map((text) => hashLeaf(Buffer.from(text, 'hex')))
  const tree = new NaiveTree(leaves)
  const rootOf = (size: number) => Buffer.from(ROOTS[size] ?? '', 'hex')

  it('has the roots that are published, however they are computed', async () => {
    expect(hex(EMPTY_ROOT)).toBe(ROOTS[0])
    const frontier = new Frontier()
    expect(hex(frontier.root())).toBe(ROOTS[0])
    for (const [index, leaf] of leaves.entries()) {
      frontier.append(leaf)
      const size = index + 1
      expect([size, hex(frontier.root()), hex(await rootAt(BigInt(size), tree.hashes))]).toEqual([size, ROOTS[size], ROOTS[size]])
    }
  })

  it.each(INCLUSION)('leaf %i of %i has the published path', async (index, size, path) => {
    expect((await proveInclusion(BigInt(index), BigInt(size), tree.hashes)).map(hex)).toEqual(path)
    const nodes = path.map((node) => Buffer.from(node, 'hex'))
    expect(hex(rootFromInclusion(BigInt(index), BigInt(size), leaves[index] ?? EMPTY_ROOT, nodes))).toBe(ROOTS[size])
  })

  it.each(CONSISTENCY)('the tree of %i begins that of %i, with the published proof', async (old, size, proof) => {
    expect((await proveConsistency(BigInt(old), BigInt(size), tree.hashes)).map(hex)).toEqual(proof)
    const nodes = proof.map((node) => Buffer.from(node, 'hex'))
    expect(isConsistent(BigInt(old), BigInt(size), rootOf(old), rootOf(size), nodes)).toBe(true)
  })

  it.each([
    [0n, 0n],
    [0n, 8n],
  ])('the empty tree begins the tree of %i with an empty proof, and with no other', (old, size) => {
    const root = rootOf(Number(size))
    expect(isConsistent(old, size, EMPTY_ROOT, root, [])).toBe(true)
    expect(isConsistent(old, size, rootOf(1), root, [])).toBe(false)
    expect(isConsistent(old, size, EMPTY_ROOT, root, [EMPTY_ROOT])).toBe(false)
  })
})

const LARGEST = 10_000
// Three different trees, each large enough to hold every random size; building one for each case would take minutes.
const TREES = Array.from({ length: 3 }, () => {
  const seed = randomBytes(16)
  const leaves = Array.from({ length: LARGEST + 1 }, (_, index) => hashLeaf(Buffer.concat([seed, Buffer.from(String(index))])))
  return { leaves, naive: new NaiveTree(leaves) }
})
const anyTree = fc.constantFrom(...TREES)
// Small sizes are where shapes differ; large ones are what the log has.
const anySize = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: LARGEST }), fc.constantFrom(1_023, 1_024, 1_025, 8_191, 8_192, 8_193))
const sizeAndBelow = anySize.chain((size) => fc.record({ size: fc.constant(size), below: fc.integer({ min: 0, max: size - 1 }) }))
const anyNumber = fc.nat({ max: 1_000_000 })

/** Everything that one may do to a proof: each result differs from the original. */
function spoil(proof: readonly Buffer[], where: number): Buffer[][] {
  const at = proof.length === 0 ? 0 : where % proof.length
  const added = [0, at, proof.length].map((place) => proof.toSpliced(place, 0, randomBytes(32)))
  const node = proof[at]
  if (!node) return added
  const moved = Buffer.concat([node, Buffer.of(0)])
  return [...added, proof.toSpliced(at, 1), proof.with(at, flip(node, where)), proof.with(at, moved), proof.with(at, node.subarray(1)), [...proof, node]]
}

function flip(bytes: Buffer, where: number): Buffer {
  const changed = Buffer.from(bytes)
  const at = where % changed.length
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << (where % 8)), at)
  return changed
}

describe('inclusion in random trees of up to 10,000 leaves', () => {
  it('is proved by the path of RFC 6962, and the path leads to the root', async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, sizeAndBelow, async ({ leaves, naive }, { size, below }) => {
        const path = await proveInclusion(BigInt(below), BigInt(size), naive.hashes)
        expect(path).toEqual(naive.path(below, 0, size))
        expect(rootFromInclusion(BigInt(below), BigInt(size), leaves[below] ?? EMPTY_ROOT, path)).toEqual(naive.root(0, size))
      }),
    )
  })

  it('is not proved by any other path, for any other place, leaf or size', async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, sizeAndBelow, anyNumber, async ({ leaves, naive }, { size, below }, where) => {
        const leaf = leaves[below] ?? EMPTY_ROOT
        const root = naive.root(0, size)
        const path = naive.path(below, 0, size)
        const leadsTo = (index: number, of: number, from: Buffer, nodes: readonly Buffer[]) => hex(rootFromInclusion(BigInt(index), BigInt(of), from, nodes))
        for (const wrong of spoil(path, where)) expect(leadsTo(below, size, leaf, wrong)).not.toBe(hex(root))
        expect(leadsTo(below, size, flip(leaf, where), path)).not.toBe(hex(root))
        for (const index of [below - 1, below + 1, below ^ 2, where % size, size])
          if (index !== below) expect(leadsTo(index, size, leaf, path)).not.toBe(hex(root))
        // A path alone does not tell 6 leaves from 7; the checkpoint does, because it names size and root together.
        for (const other of [size - 1, size + 1, 1 + (where % LARGEST)].filter((count) => count !== size && count > 0))
          expect(leadsTo(below, other, leaf, path)).not.toBe(hex(naive.root(0, other)))
      }),
    )
  })

  it.each([
    [0n, 0n],
    [1n, 1n],
    [-1n, 3n],
  ])('cannot be asked for leaf %i of %i', async (index, size) => {
    await expect(proveInclusion(index, size, async () => [])).rejects.toThrow(MerkleError)
    expect(rootFromInclusion(index, size, EMPTY_ROOT, [])).toBeNull()
  })
})

describe('consistency of random trees of up to 10,000 leaves', () => {
  it('is proved as in RFC 6962, and the proof verifies', async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, sizeAndBelow, async ({ naive }, { size, below }) => {
        for (const old of [below, size]) {
          const proof = await proveConsistency(BigInt(old), BigInt(size), naive.hashes)
          expect(proof).toEqual(old === 0 ? [] : naive.proof(old, 0, size))
          expect(isConsistent(BigInt(old), BigInt(size), naive.root(0, old), naive.root(0, size), proof)).toBe(true)
        }
      }),
    )
  })

  it('is not proved by any other proof, nor for other roots or sizes', () => {
    fc.assert(
      fc.property(anyTree, sizeAndBelow, anyNumber, ({ naive }, { size, below }, where) => {
        const old = below + 1
        const [oldRoot, root, proof] = [naive.root(0, old), naive.root(0, size), naive.proof(old, 0, size)]
        const holds = (from: number, to: number, was: Buffer, is: Buffer, nodes: readonly Buffer[]) => isConsistent(BigInt(from), BigInt(to), was, is, nodes)
        for (const wrong of spoil(proof, where)) expect(holds(old, size, oldRoot, root, wrong)).toBe(false)
        expect(holds(old, size, flip(oldRoot, where), root, proof)).toBe(false)
        expect(holds(old, size, oldRoot, flip(root, where), proof)).toBe(false)
        if (old !== size) {
          expect(holds(old, size, root, oldRoot, proof)).toBe(false)
          expect(holds(size, old, root, oldRoot, proof)).toBe(false)
        }
        for (const other of [old - 1, old + 1, where % LARGEST].filter((count) => count !== old && count > 0))
          expect(holds(other, size, naive.root(0, other), root, proof)).toBe(other === size && proof.length === 0)
        for (const other of [size - 1, size + 1, where % LARGEST].filter((count) => count !== size && count > 0))
          expect(holds(old, other, oldRoot, naive.root(0, other), proof)).toBe(other === old && proof.length === 0)
      }),
    )
  })

  it('does not hold between two histories that differ in one early leaf', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 300 }).chain((size) => fc.record({ size: fc.constant(size), changed: fc.nat({ max: size - 2 }) })),
        anyNumber,
        async ({ size, changed }, where) => {
          const leaves = TREES[0]?.leaves.slice(0, size) ?? []
          const mine = new NaiveTree(leaves)
          const forked = new NaiveTree(leaves.with(changed, randomBytes(32)))
          const old = changed + 1 + (where % (size - changed - 1))
          const proof = await proveConsistency(BigInt(old), BigInt(size), forked.hashes)
          expect(isConsistent(BigInt(old), BigInt(size), mine.root(0, old), forked.root(0, size), proof)).toBe(false)
        },
      ),
    )
  })

  it.each([
    [2n, 1n],
    [-1n, 1n],
  ])('cannot be asked for from %i to %i', async (old, size) => {
    await expect(proveConsistency(old, size, async () => [])).rejects.toThrow(MerkleError)
    expect(isConsistent(old, size, EMPTY_ROOT, EMPTY_ROOT, [])).toBe(false)
  })

  it('does not accept bytes that moved from one hash to its neighbour', () => {
    const [left, right, third] = [randomBytes(32), randomBytes(32), randomBytes(32)]
    const both = Buffer.concat([left, right])
    const root = hashNode(hashNode(left, right), third)
    expect(rootFromInclusion(1n, 3n, right, [left, third])).toEqual(root)
    expect(rootFromInclusion(1n, 3n, both.subarray(31), [both.subarray(0, 31), third])).toBeNull()
    expect(isConsistent(3n, 3n, both, both, [])).toBe(false)
  })
})

describe('Frontier', () => {
  it('has the root of the definition at every size up to 10,000, and hands over each subtree once', () => {
    const { leaves, naive } = TREES[0] ?? { leaves: [], naive: new NaiveTree([]) }
    const frontier = new Frontier()
    const seen = new Map<string, string>()
    for (const [index, leaf] of leaves.slice(0, LARGEST).entries()) {
      frontier.append(leaf, (level, at, node) => {
        expect(seen.has(`${level}/${at}`)).toBe(false)
        seen.set(`${level}/${at}`, hex(node) ?? '')
      })
      if (!frontier.root().equals(naive.root(0, index + 1))) throw new Error(`the root of ${index + 1} leaves is wrong`)
    }
    expect(frontier.size).toBe(BigInt(LARGEST))
    let count = 0
    for (let level = 0; 2 ** level <= LARGEST; level += 1) {
      for (let at = 0; (at + 1) * 2 ** level <= LARGEST; at += 1, count += 1) {
        if (seen.get(`${level}/${at}`) !== hex(naive.root(at * 2 ** level, (at + 1) * 2 ** level))) throw new Error(`subtree ${level}/${at} is wrong`)
      }
    }
    expect(seen.size).toBe(count)
  })

  it('goes on from its saved roots as if nothing had happened, and rootAt agrees', async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, anySize, fc.integer({ min: 0, max: 40 }), async ({ leaves, naive }, size, more) => {
        const start = Math.min(size, LARGEST - more)
        const parts: Buffer[] = []
        for (let at = 0; at < start; ) {
          const width = 2 ** Math.floor(Math.log2(start - at))
          parts.push(naive.root(at, at + width))
          at += width
        }
        const resumed = new Frontier(BigInt(start), Buffer.concat(parts))
        expect(resumed.roots()).toEqual(Buffer.concat(parts))
        for (const leaf of leaves.slice(start, start + more)) resumed.append(leaf)
        expect(resumed.root()).toEqual(naive.root(0, start + more))
        expect(await rootAt(BigInt(start + more), naive.hashes)).toEqual(resumed.root())
        expect(new Frontier(resumed.size, resumed.roots()).root()).toEqual(resumed.root())
      }),
    )
  })

  it.each([
    [1n, 0],
    [3n, 32],
    [0n, 32],
    [4n, 64],
  ])('is not taken up for %i leaves from %i bytes', (size, bytes) => {
    expect(() => new Frontier(size, Buffer.alloc(bytes))).toThrow(MerkleError)
  })
})
