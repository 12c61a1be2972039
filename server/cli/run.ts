import { fileURLToPath } from 'node:url'
import { type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { startChiron } from '../start.ts'
import { StartupError } from '../startup-error.ts'
import { createWitnessCommand } from '../witness/witness-command.ts'
import { createAuditCommand } from './audit-command.ts'
import type { CommandContext } from './database-access.ts'
import { BUILD_TASKS, GENERATE_TASKS, runTasks } from './generate.ts'
import { createMigrateCommand } from './migrate-command.ts'
import type { Parts } from './parts.ts'
import { terminal } from './progress.ts'
import { createSetupCommand } from './setup-command.ts'
import { listenForStop } from './signals.ts'
import { createWorkerCommand } from './worker-command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

// Loaded late: most commands need no application, and `generate` runs before its generated parts exist.
const loadProduct = async (): Promise<Parts> => (await import('./parts.ts')).parts

/**
 * Runs one command line and answers the exit code. A StartupError is one line on standard error; anything else is a bug and
 * keeps its stack.
 */
export async function runCli(args: string[], context: CommandContext = { env: process.env, root, output: terminal }, loadParts = loadProduct): Promise<number> {
  const main = createMainCommand(context, loadParts)
  try {
    if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
      context.output.line(await renderUsage(findCommand(main, args)))
      return 0
    }
    await runCommand(main, { rawArgs: args })
    return 0
  } catch (error) {
    context.output.error(describe(error))
    return 1
  }
}

function createMainCommand(context: CommandContext, loadParts: () => Promise<Parts>) {
  const generate = async () => {
    const { ran } = await runTasks(context.root, GENERATE_TASKS, context.output)
    if (ran.length === 0) context.output.line('✓ Generated code is up to date')
  }
  const build = async () => {
    const { ran } = await runTasks(context.root, BUILD_TASKS, context.output)
    if (ran.length === 0) context.output.line('✓ The web client is up to date')
  }
  const serve = async () => {
    await using stop = listenForStop()
    const { env, output } = context
    await startChiron(await loadParts(), {
      env,
      root: context.root,
      output,
      signal: stop.signal,
      onForce: stop.onForce,
    })
  }
  return defineCommand({
    meta: { name: 'chiron', description: 'Practice management for veterinary clinics' },
    subCommands: {
      start: defineCommand({
        meta: { description: 'Generate and build what changed, then serve' },
        run: async () => {
          await generate()
          await build()
          await serve()
        },
      }),
      serve: defineCommand({ meta: { description: 'Serve what is built' }, run: serve }),
      generate: defineCommand({
        meta: { description: 'Write generated code: database client, GraphQL schema, web documents' },
        run: generate,
      }),
      build: defineCommand({ meta: { description: 'Build the web client' }, run: build }),
      migrate: createMigrateCommand(context),
      setup: createSetupCommand(context, loadParts),
      audit: createAuditCommand(context, loadParts),
      worker: createWorkerCommand(context, loadParts),
      witness: createWitnessCommand(context),
    },
  })
}

/** The command that the words before the first flag lead to. */
function findCommand(main: CommandDef, args: readonly string[]): CommandDef {
  let command = main
  for (const word of args) {
    const below: unknown = command.subCommands
    if (word.startsWith('-') || typeof below !== 'object' || below === null || !(word in below)) break
    const next: CommandDef = Reflect.get(below, word)
    command = next
  }
  return command
}

function describe(error: unknown): string {
  if (error instanceof StartupError) return `chiron: ${error.message}`
  // citty's own complaints (unknown command, missing argument) are for the person who typed.
  if (error instanceof Error && error.name === 'CLIError') return `chiron: ${stripColours(error.message)}. Run chiron --help to see what there is.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what terminal colours begin with.
  return text.replaceAll(/\u001b\[\d+m/g, '')
}
