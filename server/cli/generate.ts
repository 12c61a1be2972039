import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { StartupError } from '../startup-error.ts'
import { createSteps, type Output, terminal } from './progress.ts'
import { hashSources } from './source-hash.ts'

export type Task = {
  name: string
  label: string
  /** Arguments for Node, from the repository's folder. */
  args: readonly string[]
  inputs: readonly string[]
  /** Parts of the inputs that the task itself or a later one writes. */
  except?: readonly string[]
  outputs: readonly string[]
}

/** Written code, in the order in which one needs the other. */
export const GENERATE_TASKS: readonly Task[] = [
  {
    name: 'prisma',
    label: 'Generating the database client',
    args: ['node_modules/prisma/build/index.js', 'generate'],
    inputs: ['prisma/schema', 'prisma.config.ts', 'package-lock.json'],
    outputs: ['prisma/client', 'schema/pothos-types.ts'],
  },
  {
    name: 'schema',
    label: 'Printing the GraphQL schema',
    args: ['server/cli/print-schema.ts'],
    inputs: ['schema', 'modules', 'server', 'prisma/schema', 'package-lock.json'],
    except: ['schema/schema.graphql', 'schema/pothos-types.ts'],
    outputs: ['schema/schema.graphql'],
  },
  {
    name: 'documents',
    label: "Generating the web client's documents",
    args: ['node_modules/@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.ts'],
    inputs: ['schema/schema.graphql', 'web', 'codegen.ts', 'package-lock.json'],
    except: ['web/gql'],
    outputs: ['web/gql'],
  },
]

export const BUILD_TASKS: readonly Task[] = [
  {
    name: 'web',
    label: 'Building the web client',
    args: ['node_modules/vite/bin/vite.js', 'build'],
    inputs: ['web', 'modules/kernel', 'vite.config.ts', 'postcss.config.mjs', 'tsconfig.json', 'package-lock.json'],
    outputs: ['dist/web'],
  },
]

/**
 * Runs each task whose inputs or outputs changed since its last success; the rest takes milliseconds. Throws StartupError
 * with the end of a failing tool's own output above it.
 */
export async function runTasks(root: string, tasks: readonly Task[], output: Output = terminal): Promise<{ ran: string[] }> {
  const ran: string[] = []
  for (const task of tasks) {
    const inputs = await hashSources({ root, paths: task.inputs, except: task.except ?? [] })
    const stampFile = join(root, 'node_modules', '.chiron', `task-${task.name}`)
    const stamp = await readFile(stampFile, 'utf8').catch(() => '')
    if (stamp !== '' && stamp === (await stampOf(root, task, inputs))) continue
    await createSteps(output)(task.label, async () => {
      await runTool(root, task, output)
      await assertOutputs(root, task)
    })
    await mkdir(join(root, 'node_modules', '.chiron'), { recursive: true })
    await writeFile(stampFile, await stampOf(root, task, inputs))
    ran.push(task.name)
  }
  return { ran }
}

/** Outputs count too, so that a deleted or edited one is made again. */
async function stampOf(root: string, task: Task, inputs: string): Promise<string> {
  const hashes = await Promise.all(task.outputs.map((path) => hashSources({ root, paths: [path] })))
  return [task.args.join(' '), inputs, ...hashes].join('\n')
}

/** A tool that ends well without writing anything would otherwise be taken for done, for ever. */
async function assertOutputs(root: string, task: Task): Promise<void> {
  const nothing = await hashSources({ root, paths: [] })
  for (const path of task.outputs) {
    if ((await hashSources({ root, paths: [path] })) !== nothing) continue
    throw new StartupError(`${task.label} ended without writing ${path}: correct ${task.args[0]}.`)
  }
}

async function runTool(root: string, task: Task, output: Output): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<number | null>()
  // Tools start further tools by name, and those must find this Node, not the system's.
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter)
  const env = { ...process.env, PATH: path, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' }
  const child = spawn(process.execPath, task.args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.on('error', () => resolve(null))
  child.on('close', resolve)
  const code = await promise
  if (code === 0) return
  output.error(text.trimEnd().split('\n').slice(-60).join('\n'))
  throw new StartupError(
    `${task.label} failed (${code === null ? 'could not be started' : `code ${code}`}): correct what the lines above name, then try again.`,
  )
}
