import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { buildSchema, GraphQLError, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NotFoundError } from '../modules/kernel/errors.ts'
import { coordinatesOf } from './document-coordinates.ts'
import { loadDocuments } from './documents.ts'
import type { Exchange } from './http.ts'
import { isUnavailable, maskError } from './mask-error.ts'
import { responsePath } from './response-path.ts'
import { scopeSettings } from './scoped-query.ts'
import { loadStaticFiles, type StaticFiles } from './static-files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-web-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('maskError', () => {
  const wrap = (error: Error) => new GraphQLError(error.message, { originalError: error, path: ['f'] })

  it('keeps code and values of an expected error', () => {
    expect(maskError(wrap(new NotFoundError('Patient')))).toMatchObject({ path: ['f'], extensions: { code: 'NOT_FOUND', params: { type: 'Patient' } } })
  })

  it('leaves errors of GraphQL itself as they are', () => {
    const own = new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } })
    expect(maskError(own)).toBe(own)
    expect(maskError(wrap(own))).toMatchObject({ message: 'Sign in first.' })
  })

  it('hides everything else', () => {
    for (const error of [wrap(new Error('column "secret" of ana@example.mx')), new Error('secret'), 'secret']) {
      const masked = maskError(error)
      expect(JSON.stringify(masked)).not.toContain('secret')
      expect(masked).toMatchObject({ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } })
    }
  })

  it('tells that a retry may help when the database is away', () => {
    expect(maskError(wrap(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })))).toMatchObject({
      extensions: { code: 'UNAVAILABLE', http: { status: 503 } },
    })
  })

  it.each([
    [Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }), true],
    [Object.assign(new Error('admin shutdown'), { code: '57P01' }), true],
    [Object.assign(new Error('too many connections'), { code: '53300' }), true],
    [Object.assign(new Error('duplicate key'), { code: '23505' }), false],
    [new Error('Connection terminated unexpectedly'), true],
    [new Error('undefined is not a function'), false],
  ])('%s is unavailable: %s', (error, expected) => {
    expect(isUnavailable(error)).toBe(expected)
  })
})

describe('coordinatesOf', () => {
  const schema = buildSchema(
    'interface Named { name: String } type Dog implements Named { name: String } type Cat implements Named { name: String } union Pet = Dog | Cat type Query { named: Named pet: Pet dogs: [Dog] }',
  )
  const found = (document: string) => [...coordinatesOf(parse(document), schema)].sort()

  it('follows fragments and aliases, and counts a field of an interface for each implementation', () => {
    expect(found('{ a: named { name } }')).toEqual(['Cat.name', 'Dog.name', 'Query.named'])
    expect(found('{ pet { __typename ...D } } fragment D on Dog { name }')).toEqual(['Dog.name', 'Query.pet'])
    expect(found('{ dogs { n: name } } query Other { named { ... on Cat { name } } }')).toEqual(['Cat.name', 'Dog.name', 'Query.dogs', 'Query.named'])
  })

  it('walks a document once', () => {
    const document = parse('{ dogs { name } }')
    expect(coordinatesOf(document, schema)).toBe(coordinatesOf(document, schema))
  })
})

describe('responsePath', () => {
  it('joins aliases from the root on', () => {
    expect(responsePath({ key: 'again', prev: { key: 'first', prev: undefined, typename: 'Mutation' }, typename: 'X' })).toBe('first.again')
  })
})

describe('scopeSettings', () => {
  const id = '01900000-0000-7000-8000-000000000001'
  it('name the tenant for one transaction', () => {
    expect(scopeSettings({ organisationId: id, clinicIds: [id, id], sharePatients: false })).toEqual([id, `{${id},${id}}`, 'off'])
  })

  it.each(['', "'; DROP TABLE patient; --", `${id}'`])('refuse "%s" as an id', (bad) => {
    expect(() => scopeSettings({ organisationId: bad, clinicIds: [], sharePatients: true })).toThrow('UUIDs only')
    expect(() => scopeSettings({ organisationId: id, clinicIds: [bad], sharePatients: true })).toThrow('UUIDs only')
  })
})

describe('loadDocuments', () => {
  it('finds documents of the manifest by hash, and none without a build', async () => {
    const manifest = join(folder, 'documents.json')
    await writeFile(manifest, '{"abc":"{ viewer }"}')
    const documents = await loadDocuments(pathToFileURL(manifest))
    expect([documents.find('abc'), documents.find('constructor')]).toEqual(['{ viewer }', null])
    expect((await loadDocuments(pathToFileURL(join(folder, 'none.json')))).find('abc')).toBeNull()
  })
})

describe('static files', () => {
  let files: StaticFiles
  beforeAll(async () => {
    const web = join(folder, 'web')
    await mkdir(join(web, 'assets'), { recursive: true })
    await writeFile(join(web, 'index.html'), '<!doctype html>')
    await writeFile(join(web, 'assets', 'main-abc.js'), `//${'x'.repeat(2_000)}`)
    await writeFile(join(folder, 'secret.txt'), 'secret')
    files = await loadStaticFiles(web)
  })
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    files({ request: { method, headers } as unknown as IncomingMessage, url: new URL(path, 'http://chiron') } as Exchange)

  it('answer the start page for every path of the client', () => {
    for (const path of ['/', '/today', '/patients/01900000-0000-7000-8000-000000000001'])
      expect(ask(path)).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' } })
  })

  it('answer built files for a year, compressed where that is understood, and 304 to those who have them', () => {
    const plain = ask('/assets/main-abc.js')
    expect(plain).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'public, max-age=31536000, immutable' },
    })
    const zipped = ask('/assets/main-abc.js', { 'accept-encoding': 'br, gzip' })
    expect(zipped.headers).toMatchObject({ 'Content-Encoding': 'gzip' })
    expect(gunzipSync(zipped.body ?? '').toString()).toBe(String(plain.body))
    expect(ask('/assets/main-abc.js', { 'if-none-match': String(plain.headers?.ETag) }).status).toBe(304)
  })

  it.each(['/nothing.js', '/../secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/assets/%2e%2e/%2e%2e/secret.txt'])('answer 404 to %s', (path) => {
    expect(ask(path).status).toBe(404)
  })

  it('are only read', () => {
    expect(ask('/', {}, 'POST')).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } })
  })

  it('answer 404 while nothing is built', async () => {
    const none = await loadStaticFiles(join(folder, 'nothing'))
    expect(none({ request: { method: 'GET', headers: {} } as unknown as IncomingMessage, url: new URL('http://chiron/') } as Exchange).status).toBe(404)
  })
})
