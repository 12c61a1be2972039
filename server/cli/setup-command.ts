import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { defineCommand } from 'citty'
import { prepareDatabase } from '../database/prepare.ts'
import { StartupError } from '../startup-error.ts'
import { type CommandContext, withDatabaseAccess } from './database-access.ts'
import type { Parts } from './parts.ts'

/** What `chiron setup` asks for. Values are checked by the command that creates the organisation. */
export type FirstOrganisation = {
  organisation: string
  clinic: string
  /** ISO 3166-1 alpha-2; zone, currency and language default to the country's preset. */
  country: string
  timeZone: string | null
  currency: string | null
  language: string | null
  ownerName: string
  ownerEmail: string
  ownerPassword: string
}

const QUESTIONS = {
  organisation: 'Name of the organisation',
  clinic: 'Name of the first clinic',
  country: 'Country (two letters, as in MX)',
  ownerName: "Owner's name",
  ownerEmail: "Owner's e-mail address",
} as const

/** `chiron setup`: the first organisation, clinic and owner, from flags or, at a terminal, from questions. */
export function createSetupCommand(context: CommandContext, loadParts: () => Promise<Parts>) {
  return defineCommand({
    meta: { name: 'setup', description: 'Create the first organisation, clinic and owner' },
    args: {
      organisation: { type: 'string', description: QUESTIONS.organisation },
      clinic: { type: 'string', description: QUESTIONS.clinic },
      country: { type: 'string', description: QUESTIONS.country },
      timeZone: { type: 'string', description: "IANA zone; default: the country's" },
      currency: { type: 'string', description: "ISO 4217 code; default: the country's" },
      language: { type: 'string', description: "es-MX or en; default: the country's" },
      ownerName: { type: 'string', description: QUESTIONS.ownerName },
      ownerEmail: { type: 'string', description: QUESTIONS.ownerEmail },
    },
    run: async ({ args }) => {
      const input = await completeInput(args, context)
      const { createApp, createFirstOrganisation } = await loadParts()
      await withDatabaseAccess(context, async (config) => {
        await prepareDatabase({
          database: config.database,
          dir: join(context.root, 'prisma', 'migrations'),
          backup: 'auto',
        })
        await using app = await createApp(config)
        await createFirstOrganisation(app, input)
      })
      context.output.line(`Created ${input.organisation}: sign in as ${input.ownerEmail}.`)
    },
  })
}

type Given = Partial<Record<'organisation' | 'clinic' | 'country' | 'timeZone' | 'currency' | 'language' | 'ownerName' | 'ownerEmail', string>>

async function completeInput(given: Given, context: CommandContext): Promise<FirstOrganisation> {
  const answer = async (name: keyof typeof QUESTIONS) => given[name]?.trim() || (await ask(context, QUESTIONS[name], `--${name}`))
  return {
    organisation: await answer('organisation'),
    clinic: await answer('clinic'),
    country: await answer('country'),
    timeZone: given.timeZone ?? null,
    currency: given.currency ?? null,
    language: given.language ?? null,
    ownerName: await answer('ownerName'),
    ownerEmail: await answer('ownerEmail'),
    // Not a flag: flags are visible to every user of the machine in its list of processes.
    ownerPassword: context.env.CHIRON_OWNER_PASSWORD ?? (await ask(context, "Owner's password", 'CHIRON_OWNER_PASSWORD', true)),
  }
}

/** One line from the terminal; a secret is not echoed. */
async function ask(
  { terminal = process.stdin, screen = process.stdout }: CommandContext,
  question: string,
  alternative: string,
  isSecret = false,
): Promise<string> {
  if (!terminal.isTTY) throw new StartupError(`${question} is missing: give it as ${alternative} (there is no terminal to ask at).`)
  screen.write(`${question}: `)
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createInterface({ input: terminal, output: isSecret ? muted : screen, terminal: true })
  try {
    const text = (await prompt.question('')).trim()
    if (text === '') throw new StartupError(`${question} is missing: start again and answer, or give it as ${alternative}.`)
    return text
  } finally {
    prompt.close()
    if (isSecret) screen.write('\n')
  }
}
