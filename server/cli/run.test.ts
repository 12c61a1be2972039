import { chmodSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ClonedDatabase, createTestDatabase, startTestPostgres, type TestPostgres } from '../../test/postgres.ts'
import type { CommandContext } from './database-access.ts'
import { runCli } from './run.ts'
import type { FirstOrganisation } from './setup-command.ts'

const SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\nmodel Pet {\n  id String @id @db.Uuid\n}\n'

let server: TestPostgres
let database: ClonedDatabase
let root: string
let lines: string[]
let errors: string[]
let created: FirstOrganisation[]

beforeAll(async () => {
  server = await startTestPostgres()
  database = await createTestDatabase()
  root = await mkdtemp(join(tmpdir(), 'chiron cli '))
  // As root an embedded database runs as another user, who must be able to pass through this folder.
  if (process.getuid?.() === 0) chmodSync(root, 0o711)
  await mkdir(join(root, 'prisma/schema'), { recursive: true })
  await writeFile(join(root, 'prisma/schema/schema.prisma'), SCHEMA)
}, 60_000)

afterAll(async () => {
  await database.drop()
  await server.stop()
  await rm(root, { recursive: true })
})

beforeEach(() => {
  lines = []
  errors = []
  created = []
})

const context = (env: NodeJS.ProcessEnv = {}): CommandContext => ({
  root,
  output: { line: (text) => void lines.push(text), error: (text) => void errors.push(text) },
  env: {
    DATABASE_URL: database.appUrl,
    DATABASE_AUDITOR_URL: database.auditorUrl,
    DATABASE_ADMIN_URL: database.adminUrl,
    CHIRON_TOKEN_SECRET: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ...env,
  },
})

// The product is not under test here: it only notes what it was asked to create.
const fakeProduct = (async () => ({
  createApp: async () => ({ [Symbol.asyncDispose]: async () => {} }),
  createFirstOrganisation: async (_app: unknown, input: FirstOrganisation) => void created.push(input),
})) as unknown as Parameters<typeof runCli>[2]

const run = (...args: string[]) => runCli(args, context(), fakeProduct)
const text = () => lines.join('\n')

describe('chiron migrate', () => {
  it('goes the whole way: create, plan, status, apply, drift, rollback', async () => {
    expect(await run('migrate', 'create', 'First pets')).toBe(0)
    expect(await readdir(join(root, 'prisma/migrations'))).toEqual(['0001_first_pets'])
    expect(await run('migrate', 'plan')).toBe(0)
    expect(text()).toContain('CREATE TABLE "Pet"')
    expect(text()).toContain('1 step(s) would be applied; each ran without error and was undone.')
    expect(await run('migrate', 'status')).toBe(1)
    expect(text()).toContain('pending  0001_first_pets')
    expect(await run('migrate', 'apply')).toBe(0)
    expect(await run('migrate', 'apply')).toBe(0)
    expect(lines.slice(-2)).toEqual(['Applied: 0001_first_pets', 'Nothing is pending.'])
    expect(await run('migrate', 'status')).toBe(0)
    expect(await run('migrate', 'drift')).toBe(0)
    expect(lines.at(-1)).toBe('No drift: database, migrations and prisma/schema agree.')
    await writeFile(join(root, 'prisma/schema/schema.prisma'), SCHEMA.replace('@db.Uuid', '@db.Uuid\n  name String'))
    expect(await run('migrate', 'drift')).toBe(1)
    expect(text()).toContain('ADD COLUMN     "name"')
    expect(await run('migrate', 'rollback', '--backup', 'none')).toBe(0)
    expect(lines.at(-1)).toBe('Rolled back: 0001_first_pets')
    expect(errors.map((line) => line.slice(0, 40))).toEqual([
      expect.stringMatching(/^chiron: The database does not have/),
      expect.stringMatching(/^chiron: There is drift/),
    ])
  }, 60_000)

  it('needs the admin', async () => {
    expect(await runCli(['migrate', 'apply'], context({ DATABASE_ADMIN_URL: '' }), fakeProduct)).toBe(1)
    expect(errors).toEqual(['chiron: DATABASE_ADMIN_URL is not set: migrations need a login that may create roles and tables.'])
  })

  it('starts the embedded database when it does not run, and stops it', async () => {
    const embedded = context({ DATABASE_URL: '', DATABASE_ADMIN_URL: '' })
    expect(await runCli(['migrate', 'status'], embedded, fakeProduct)).toBe(1)
    expect(errors).toEqual([expect.stringMatching(/^chiron: The database does not have this version/)])
    expect(await readdir(join(root, '.chiron/postgres'))).not.toContain('postmaster.pid')
  }, 60_000)
})

describe('chiron setup', () => {
  const flags = [
    '--organisation',
    'Clínica',
    '--clinic',
    'Centro',
    '--country',
    'MX',
    '--ownerName',
    'Ana',
    '--ownerEmail',
    'ana@example.mx',
    '--language',
    'es-MX',
  ]

  it('creates the first organisation from flags, with the password from the environment', async () => {
    expect(await runCli(['setup', ...flags], context({ CHIRON_OWNER_PASSWORD: 'a long password' }), fakeProduct)).toBe(0)
    expect(created).toEqual([
      {
        organisation: 'Clínica',
        clinic: 'Centro',
        country: 'MX',
        timeZone: null,
        currency: null,
        language: 'es-MX',
        ownerName: 'Ana',
        ownerEmail: 'ana@example.mx',
        ownerPassword: 'a long password',
      },
    ])
    expect(lines.at(-1)).toBe('Created Clínica: sign in as ana@example.mx.')
  }, 60_000)

  it('asks at a terminal, and shows no password', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    let shown = ''
    const answers = ['Clínica', 'Centro', 'MX', 'Ana', 'ana@example.mx', 'a long password']
    const screen = new Writable({
      write: (chunk, _encoding, done) => {
        shown += String(chunk)
        // Each question ends like this; the answer comes once somebody can have read it.
        if (String(chunk).endsWith(': ')) setImmediate(() => terminal.write(`${answers.shift()}\n`))
        done()
      },
    })
    expect(await runCli(['setup'], { ...context(), terminal, screen }, fakeProduct)).toBe(0)
    expect(created).toMatchObject([
      { organisation: 'Clínica', clinic: 'Centro', country: 'MX', ownerName: 'Ana', ownerEmail: 'ana@example.mx', ownerPassword: 'a long password' },
    ])
    expect(shown).toContain('ana@example.mx')
    expect(shown).not.toContain('a long password')
  }, 60_000)

  it('does not take an empty answer', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    const screen = new Writable({ write: (_chunk, _encoding, done) => done() })
    setImmediate(() => terminal.write('\n'))
    expect(await runCli(['setup'], { ...context(), terminal, screen }, fakeProduct)).toBe(1)
    expect(errors).toEqual([expect.stringMatching(/^chiron: Name of the organisation is missing: start again/)])
  })

  it('asks nobody when there is no terminal', async () => {
    expect(await runCli(['setup', ...flags], { ...context(), terminal: new PassThrough() }, fakeProduct)).toBe(1)
    expect(errors).toEqual(["chiron: Owner's password is missing: give it as CHIRON_OWNER_PASSWORD (there is no terminal to ask at)."])
    expect(created).toEqual([])
  })
})

describe('the command line', () => {
  it.each<[string[], RegExp]>([
    [[], /start\|serve\|generate\|build\|migrate\|setup/],
    [['--help'], /start\|serve/],
    [['migrate', '--help'], /create\|plan\|apply\|status\|drift\|rollback/],
    [['migrate', 'apply', '--help'], /--retry/],
  ])('explains itself for %j', async (args, expected) => {
    expect(await run(...args)).toBe(0)
    expect(text()).toMatch(expected)
  })

  it.each<[string[], RegExp]>([
    [['fly'], /^chiron: Unknown command fly\. Run chiron --help/],
    [['migrate', 'create'], /^chiron: Missing required positional argument: NAME\./],
    [['migrate', 'apply', '--backup', 'tape'], /^chiron: --backup is auto or none, not "tape"\.$/],
  ])('answers %j with one line', async (args, expected) => {
    expect(await run(...args)).toBe(1)
    expect(errors).toEqual([expect.stringMatching(expected)])
    expect(errors[0]).not.toContain('\n')
  })

  it('keeps the stack of a bug', async () => {
    const broken = (() => Promise.reject(new TypeError('a bug'))) as Parameters<typeof runCli>[2]
    expect(await runCli(['serve'], context(), broken)).toBe(1)
    expect(errors[0]).toMatch(/TypeError: a bug\n\s+at /)
  })

  it('generates with the tools of this folder, and only what changed', async () => {
    const clone = await mkdtemp(join(tmpdir(), 'chiron build '))
    const here = { ...context(), root: clone }
    try {
      await mkdir(join(clone, 'node_modules/vite/bin'), { recursive: true })
      await writeFile(
        join(clone, 'node_modules/vite/bin/vite.js'),
        `const fs = require('node:fs'); fs.mkdirSync('dist/web', { recursive: true }); fs.writeFileSync('dist/web/index.html', '')`,
      )
      expect(await runCli(['build'], here, fakeProduct)).toBe(0)
      expect(await runCli(['build'], here, fakeProduct)).toBe(0)
      expect(lines).toEqual(['• Building the web client', expect.stringMatching(/^✓ Building/), '✓ The web client is up to date'])
      expect(await runCli(['generate'], here, fakeProduct)).toBe(1)
      expect(errors.at(-1)).toMatch(/^chiron: Generating the database client failed/)
    } finally {
      await rm(clone, { recursive: true })
    }
  })
})
