import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema, extendSchema, type GraphQLSchema, lexicographicSortSchema, parse, printSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as manifests from '../modules/index.ts'
import { type AccessTable, anyone, can, clinicalCan, reads, unrecorded } from '../modules/kernel/access-rules.ts'
import { composeAccess } from '../schema/access.ts'
import { composeSchema, readSnapshot } from '../schema/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const modules = readdirSync(join(root, 'modules'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

describe('boundaries', () => {
  let copy: string
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'chiron-boundaries-'))
    for (const file of ['biome.json', '.gitignore']) cpSync(join(root, file), join(copy, file))
  })
  afterAll(() => rmSync(copy, { recursive: true }))

  /** The planted files that Biome refuses, by the rule that keeps modules apart. */
  function refused(files: Record<string, string>): string[] {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(copy, dirname(path)), { recursive: true })
      writeFileSync(join(copy, path), source)
    }
    const { stdout } = spawnSync(
      join(root, 'node_modules/.bin/biome'),
      ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=1000', '.'],
      { cwd: copy, encoding: 'utf8' },
    )
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string | { file: string } } }[] }
    for (const path of Object.keys(files)) rmSync(join(copy, path))
    const paths = diagnostics
      .filter(({ category }) => category === 'lint/style/noRestrictedImports')
      .map(({ location: { path } }) => (typeof path === 'string' ? path : path.file).replace(/^\.\//, ''))
    return [...new Set(paths)].sort()
  }
  const use = (path: string) => `import { thing } from '${path}'\nexport const used = thing\n`

  const WRONG: Record<string, string> = {
    'modules/notes/a.ts': use('../patients/queries.ts'),
    'modules/notes/b.ts': use('../patients/types.ts'),
    'modules/notes/c.ts': use('../patients/module.ts'),
    'modules/notes/d.ts': use('../index.ts').replace('../index.ts', '../patients/deep/index.ts'),
    'modules/notes/e.ts': use('../../server/db.ts'),
    'modules/notes/f.ts': use('../../schema/index.ts'),
    'modules/notes/g.ts': use('../../web/client.ts'),
    'modules/notes/h.ts': use('../../test/world.ts'),
    'modules/notes/i.types.ts': "export * from '../patients/commands.ts'\n",
    'modules/notes/j.ts': "export const later = () => import('../patients/commands.ts')\n",
    'modules/patients/index.ts': use('./types.ts'),
    'modules/staff/index.ts': use('../patients/queries.ts'),
    'modules/kernel/a.ts': use('../patients/index.ts'),
    'modules/kernel/b.ts': use('../../server/db.ts'),
    'modules/kernel/c.ts': use('../../schema/builder.ts'),
    'schema/a.ts': use('../modules/patients/queries.ts'),
    'schema/b.ts': use('../modules/patients/module.ts'),
    'schema/c.ts': use('../server/db.ts'),
    'web/features/a.tsx': use('../../server/db.ts'),
    'web/features/b.tsx': use('../../modules/kernel/time.ts'),
    'web/c.ts': use('../schema/builder.ts'),
    'verifier/a.ts': use('../server/db.ts'),
    'verifier/b.mjs': use('../modules/kernel/merkle.ts'),
  }
  const RIGHT: Record<string, string> = {
    'modules/notes/k.ts':
      use('../patients/index.ts') +
      use('../kernel/time.ts').replace('used', 'other').replaceAll('thing', 'clock') +
      "export { builder } from '../../schema/builder.ts'\nexport type { Prisma } from '../../prisma/client/client.ts'\nexport { rows } from './queries.ts'\n",
    'modules/notes/index.ts': "export { rows } from './queries.ts'\n",
    'modules/kernel/d.ts': "export { now } from './time.ts'\nexport type { Prisma } from '../../prisma/client/client.ts'\n",
    'schema/d.ts': "export { rows } from '../modules/notes/index.ts'\nexport { now } from '../modules/kernel/time.ts'\n",
    'web/features/d.tsx': "export { client } from '../client.ts'\nexport { Button } from '@mantine/core'\n",
    'verifier/c.ts': use('./chiron-verify.mjs'),
    'server/a.ts': "export { rows } from '../modules/notes/queries.ts'\n",
  }

  it('that are crossed by a planted import are reported, each of them, and nothing else is', () => {
    expect(refused({ ...WRONG, ...RIGHT })).toEqual(Object.keys(WRONG).sort())
  })

  it('hold in the code as it is', () => {
    const { status, stdout } = spawnSync(
      join(root, 'node_modules/.bin/biome'),
      ['lint', '--only=style/noRestrictedImports', 'modules', 'schema', 'web', 'server', 'test', 'verifier'],
      { cwd: root, encoding: 'utf8' },
    )
    expect([status, status === 0 ? '' : stdout]).toEqual([0, ''])
  })
})

describe('modules', () => {
  it('have one line each in the index, in order, and the parts that make a module', () => {
    const expected = modules.filter((name) => name !== 'kernel').map((name) => `export { ${name} } from './${name}/module.ts'`)
    expect(read('modules/index.ts').trim().split('\n')).toEqual(expected)
    for (const name of modules.filter((module) => module !== 'kernel')) {
      for (const part of ['access.ts', 'index.ts', 'module.ts', 'types.ts'])
        expect([name, part, existsSync(join(root, 'modules', name, part))]).toEqual([name, part, true])
    }
    expect(Object.entries(manifests).map(([key, { name }]) => [key, name])).toEqual(Object.keys(manifests).map((key) => [key, key]))
  })

  const files = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
      // The benchmark has packages of its own.
      .filter((path) => /\.tsx?$/.test(path) && !path.includes('/node_modules/'))

  it('begin transactions in resolvers alone, and take the time from the clock', () => {
    const sources = files('modules').filter((path) => !path.endsWith('.test.ts') && !path.includes('/kernel/'))
    expect(sources.length).toBeGreaterThan(30)
    const begins = sources.filter((path) => /\.\$?transact(ion)?\(/.test(read(path)))
    expect(begins.filter((path) => !/(^|\/|\.)types\.ts$/.test(path))).toEqual([])
    expect(begins.length).toBeGreaterThan(0)
    expect(sources.filter((path) => /new Date\(\)|Date\.now\(\)/.test(read(path)))).toEqual([])
  })

  it('and everything else have names that say what they are', () => {
    const all = ['modules', 'schema', 'server', 'test'].flatMap(files).filter((path) => !path.includes('/client/'))
    expect(all.filter((path) => !/^[a-z0-9/-]+(\.[a-z-]+)*\.tsx?$/.test(path))).toEqual([])
    expect(all.filter((path) => /(utils?|helpers?|manager|service|misc|common)\.ts$/.test(path))).toEqual([])
  })
})

describe('the schema', () => {
  /** What the reviewer of a change has to see; null when nothing changed. */
  const difference = (sdl: string, snapshot: string) =>
    sdl === snapshot ? null : 'schema/schema.graphql is not what the modules make: run chiron generate and review it'

  it('is the committed snapshot', async () => {
    expect(difference((await composeSchema()).sdl, await readSnapshot())).toBeNull()
  })

  it('that differs from its snapshot by a field, an argument or a description is caught', async () => {
    const { sdl } = await composeSchema()
    const print = (schema: GraphQLSchema) => `${printSchema(lexicographicSortSchema(schema))}\n`
    const schema = buildSchema(sdl)
    expect(difference(print(schema), sdl)).toBeNull()
    expect(difference(print(extendSchema(schema, parse('extend type Query { planted: Int }'))), sdl)).toMatch(/review/)
    expect(difference(print(buildSchema(sdl.replace('setupRequired: Boolean!', 'setupRequired: Boolean'))), sdl)).toMatch(/review/)
    expect(difference(print(buildSchema(sdl.replace('True while the installation', 'Whether the installation'))), sdl)).toMatch(/review/)
  })
})

describe('access tables', () => {
  const schema = buildSchema(`
    interface Error { code: String! }
    type Missing implements Error { code: String! }
    type PageInfo { hasNextPage: Boolean! }
    type QueryDogsConnection { edges: [QueryDogsEdge!]! pageInfo: PageInfo! }
    type QueryDogsEdge { node: Dog! cursor: String! }
    type Dog { name: String! secret: String strict: String! }
    type Query { dogs: QueryDogsConnection! dog: Dog }
    type Mutation { feed: Dog }`)
  const row = { allow: can('patient:read'), audit: reads('Dog') }
  const table: AccessTable = { 'Query.dogs': row, 'Query.dog': row, 'Mutation.feed': row, 'Dog.*': row }
  const compose =
    (...tables: AccessTable[]) =>
    () =>
      composeAccess(
        schema,
        tables.map((access, index) => ({ name: `m${index}`, access })),
      )
  const without = (name: string) => Object.fromEntries(Object.entries(table).filter(([key]) => key !== name))

  it('cover every coordinate; connections, edges and errors follow', () => {
    const { coordinates, rowOf } = compose(table)()
    expect(rowOf('Dog', 'name')).toBe(row)
    expect(rowOf('QueryDogsEdge', 'cursor').allow).toEqual(anyone)
    expect(coordinates.size).toBe(3 + 3 + 2 + 2 + 1 + 1)
    expect(() => rowOf('Dog', 'tail')).toThrow('Dog.tail is not a coordinate')
  })

  it.each([
    ['a root field without a row', [without('Query.dog')], 'Query.dog has no access row'],
    ['a mutation without a row', [without('Mutation.feed')], 'Mutation.feed has no access row'],
    ['a type without a row', [without('Dog.*')], 'Dog.name has no access row'],
    ['a root type with one row for everything', [{ ...without('Query.dog'), 'Query.*': row }], 'Query.dog has no access row'],
    ['a row that names no field', [{ ...table, 'Dog.tail': row }], 'the access row Dog.tail names nothing'],
    ['a row that names no type', [{ ...table, 'Cat.*': row }], 'the access row Cat.* names nothing'],
    ['two rows for one coordinate', [table, { 'Query.dog': { allow: anyone, audit: unrecorded } }], 'Query.dog has rows in m0 and in m1'],
    [
      'a stricter field that is not nullable',
      [{ ...table, 'Dog.strict': { ...row, allow: clinicalCan('medical-record:read') } }],
      'Dog.strict is guarded more strictly than Dog and must be nullable',
    ],
  ])('with %s do not start', (_case, tables, problem) => {
    expect(compose(...tables)).toThrow(problem)
  })

  it('may guard a nullable field more strictly', () => {
    const strict = { ...row, allow: clinicalCan('medical-record:read') }
    expect(compose({ ...table, 'Dog.secret': strict })().rowOf('Dog', 'secret')).toBe(strict)
  })

  it('of the product compose, with a row for every coordinate', async () => {
    const { access, lean } = await composeSchema()
    const fields = Object.values(lean.getTypeMap()).flatMap((type) =>
      'getFields' in type && 'isTypeOf' in type && !type.name.startsWith('__') ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    )
    expect([...access.coordinates.keys()].sort()).toEqual(fields.sort())
  })
})
