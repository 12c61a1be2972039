import type { Verifier } from '../modules/kernel/signed-note.ts'
import { formatRequest } from '../server/witness/protocol.ts'
import { runWitness } from '../server/witness/witness-command.ts'
import type { PublishedCheckpoint, TestLog } from './test-log.ts'

export type WitnessProgram = { address: string; vkey: string; lines: string[]; alarms: string[]; stop(): Promise<void> }

/** The whole program of `chiron witness`, in this process, on a free port. */
export async function startWitnessProgram(dir: string, logs: readonly Verifier[]): Promise<WitnessProgram> {
  const [lines, alarms]: [string[], string[]] = [[], []]
  const stopping = new AbortController()
  const started = Promise.withResolvers<void>()
  const output = {
    line: (text: string) => {
      lines.push(text)
      if (text.includes('CHIRON_WITNESSES')) started.resolve()
    },
    error: (text: string) => void alarms.push(text),
  }
  const ended = runWitness({ dir, logs, name: 'witness.example/w1', host: '127.0.0.1', port: 0 }, output, stopping.signal)
  await Promise.race([started.promise, ended])
  const [, address = '', vkey = ''] = /"(\S+?)=(\S+)"/.exec(lines.join('\n')) ?? []
  const stop = async () => {
    stopping.abort()
    await ended
  }
  return { address, vkey, lines, alarms, stop }
}

export type WitnessReply = { status: number; body: string; type: string | null }

/** Posts a body to add-checkpoint. */
export async function postToWitness(address: string, body: string | Uint8Array): Promise<WitnessReply> {
  const response = await fetch(`${address}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) })
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') }
}

/** Offers a checkpoint as the continuation of size `old`, with the log's own proof unless another one is given. */
export async function offerCheckpoint(address: string, log: TestLog, old: number, published: PublishedCheckpoint, proof?: Buffer[]): Promise<WitnessReply> {
  const nodes = proof ?? (old <= Number(published.size) ? await log.prove(old, Number(published.size)) : [])
  return postToWitness(address, formatRequest({ old: BigInt(old), proof: nodes, note: published.note }))
}
