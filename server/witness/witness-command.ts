import type { Server } from 'node:http'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { defineCommand } from 'citty'
import { formatVerifierKey, NoteError, parseVerifierKey, type Verifier, verifierOf } from '../../modules/kernel/signed-note.ts'
import type { CommandContext } from '../cli/database-access.ts'
import type { Output } from '../cli/progress.ts'
import { listenForStop, untilAborted } from '../cli/signals.ts'
import { assertPortIsFree } from '../port.ts'
import { StartupError } from '../startup-error.ts'
import { Witness } from './witness.ts'
import { WitnessFolder } from './witness-folder.ts'
import { createWitnessServer } from './witness-server.ts'

/** Requests under way get this long to end. */
const DRAIN_MS = 3_000

export type WitnessSettings = { dir: string; logs: readonly Verifier[]; name: string; host: string; port: number }

/** `chiron witness`: cosigns what a Chiron elsewhere publishes, as long as it only grows. Meant to run on somebody else's machine. */
export function createWitnessCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: 'witness', description: "Cosign another Chiron's audit trail as long as it only grows" },
    args: {
      dir: { type: 'string', required: true, description: "Folder for this witness's key and memory" },
      log: { type: 'string', required: true, description: 'Verifier key of the log (its spine); may be given several times' },
      name: { type: 'string', default: 'chiron-witness', description: 'Name under which it cosigns; never change it afterwards' },
      host: { type: 'string', default: '127.0.0.1', description: 'Address to listen on' },
      port: { type: 'string', default: '4100', description: 'Port to listen on' },
    },
    run: async ({ args, rawArgs }) => {
      const settings = readSettings({ ...args, logs: everyLog(rawArgs) }, context.root)
      await using stop = listenForStop()
      await runWitness(settings, context.output, stop.signal)
    },
  })
}

/** citty keeps the last value of a flag; logs are given one by one. */
function everyLog(rawArgs: string[]): string[] {
  const { values } = parseArgs({ args: rawArgs, options: { log: { type: 'string', multiple: true } }, strict: false })
  return (values.log ?? []).filter((value) => typeof value === 'string')
}

function readSettings(
  { dir, logs, name, host, port }: { dir: string; logs: readonly string[]; name: string; host: string; port: string },
  root: string,
): WitnessSettings {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new StartupError(`--port must be a number from 0 to 65535, not "${port}".`)
  if (name === '' || /[+\s]/.test(name)) throw new StartupError('--name has no space and no plus.')
  const verifiers = logs.map(parseLog)
  const twice = verifiers.find((log, index) => verifiers.findIndex((other) => other.name === log.name) !== index)
  if (twice) throw new StartupError(`--log names ${twice.name} twice: a log has one key.`)
  return { dir: resolve(root, dir), logs: verifiers, name, host, port: Number(port) }
}

function parseLog(text: string): Verifier {
  try {
    const verifier = parseVerifierKey(text)
    if (verifier.type !== 1) throw new NoteError('it is the key of a cosigner, not of a log')
    return verifier
  } catch (error) {
    if (error instanceof NoteError)
      throw new StartupError(`--log "${text}" is no verifier key (${error.message}): copy the one of the spine from Chiron's verification page.`)
    throw error
  }
}

/** Serves until `signal` aborts. Throws StartupError when the folder, a remembered checkpoint or the port is not as it should be. */
export async function runWitness({ dir, logs, name, host, port }: WitnessSettings, output: Output, signal: AbortSignal): Promise<void> {
  await using folder = await WitnessFolder.open(dir, name)
  for (const log of logs) {
    const known = await folder.find(log)
    output.line(`Log ${log.name}: ${known ? `cosigned up to ${known.checkpoint.size}` : 'not seen yet'}`)
  }
  if (port !== 0) await assertPortIsFree(host, port)
  const alarm = (line: string) => output.error(`${new Date().toISOString()} ${line}`)
  const server = createWitnessServer(new Witness({ folder, logs, alarm }), alarm)
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${await listen(server, host, port)}`
  output.line(`The witness listens on ${address}`)
  output.line(`Its verifier key: ${formatVerifierKey(verifierOf(folder.signer, 4))}`)
  output.line("Add it to Chiron's environment, with the address under which Chiron reaches it:")
  output.line(`  CHIRON_WITNESSES="${address}=${formatVerifierKey(verifierOf(folder.signer, 4))}"`)
  await untilAborted(signal)
  await close(server)
  output.line('The witness has stopped.')
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve: listening, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host, port }, listening)
  await promise
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function close(server: Server): Promise<void> {
  const { promise, resolve: closed } = Promise.withResolvers<void>()
  server.close(() => closed())
  server.closeIdleConnections()
  const patience = new AbortController()
  await Promise.race([promise, sleep(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => {})])
  patience.abort()
  server.closeAllConnections()
  await promise
}
