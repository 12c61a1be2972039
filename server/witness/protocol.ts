import { hash } from 'node:crypto'

/** C2SP tlog-witness: what a log sends to a witness, and how both name things. */
export type WitnessRequest = { readonly old: bigint; readonly proof: readonly Buffer[]; readonly note: string }

/** A request that the protocol does not know. */
export class RequestError extends Error {
  override name = 'RequestError'
}

export const ADD_CHECKPOINT = '/add-checkpoint'
export const SIZE_TYPE = 'text/x.tlog.size'
const MAXIMUM_PROOF_LINES = 63

/** The body of POST <prefix>/add-checkpoint. */
export function formatRequest({ old, proof, note }: WitnessRequest): string {
  return `${[`old ${old}`, ...proof.map((node) => node.toString('base64'))].join('\n')}\n\n${note}`
}

/** Reads a body of POST <prefix>/add-checkpoint. Throws RequestError; says nothing about the note. */
export function parseRequest(body: string): WitnessRequest {
  const split = body.indexOf('\n\n')
  if (split < 0) throw new RequestError('an empty line stands between proof and checkpoint')
  const [first = '', ...lines] = body.slice(0, split).split('\n')
  const [, digits] = /^old (0|[1-9]\d{0,18})$/.exec(first) ?? []
  if (digits === undefined) throw new RequestError('the first line says: old, a space, and the size of the last cosigned checkpoint')
  if (lines.length > MAXIMUM_PROOF_LINES) throw new RequestError(`a proof has at most ${MAXIMUM_PROOF_LINES} lines`)
  return { old: BigInt(digits), proof: lines.map(parseNode), note: body.slice(split + 2) }
}

function parseNode(line: string): Buffer {
  const node = Buffer.from(line, 'base64')
  if (node.length !== 32 || node.toString('base64') !== line) throw new RequestError('a proof line is the base64 of 32 bytes')
  return node
}

/** Under which name a witness keeps and shows a log. */
export function originHash(origin: string): string {
  return hash('sha256', origin, 'hex')
}
