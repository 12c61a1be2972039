import { randomUUID } from 'node:crypto'
import { hashOf } from '../cost-documents.ts'
import { CHIRON_DOCUMENTS } from './chiron-documents.ts'
import { type Input, isWrite, type OperationName } from './operations.ts'
import { DOCUMENTS } from './postgraphile-documents.mjs'

/** Languages in which contenders are asked. */
export const DIALECTS = ['chiron', 'postgraphile', 'limit'] as const
export type Dialect = (typeof DIALECTS)[number]

export type Request = { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }

const registered = (document: string, variables: object) =>
  JSON.stringify({ variables, extensions: { persistedQuery: { version: 1, sha256Hash: hashOfKnown(document) } } })

const hashes = new Map<string, string>()
function hashOfKnown(document: string): string {
  const known = hashes.get(document) ?? hashOf(document)
  hashes.set(document, known)
  return known
}

/** The request for an input in a contender's own words, all of them as short as their clients send them. */
export function requestOf(dialect: Dialect, name: OperationName, input: Input, token: string): Request {
  switch (dialect) {
    case 'limit':
      return { path: `/${name}`, headers: {}, body: JSON.stringify(input) }
    case 'postgraphile':
      return { path: '/graphql', headers: {}, body: registered(DOCUMENTS[name], postgraphileVariables(name, input)) }
    case 'chiron':
      return {
        path: '/graphql',
        // The web client sends a key with every change, so that a second click has no second effect.
        headers: { authorization: `Bearer ${token}`, 'x-clinic-id': input.clinic, ...(isWrite(name) ? { 'idempotency-key': randomUUID() } : {}) },
        body: registered(CHIRON_DOCUMENTS[name], chironVariables(name, input)),
      }
  }
}

function chironVariables(name: OperationName, { clinic: _clinic, organisation: _organisation, compare: _compare, ...input }: Input): object {
  switch (name) {
    case 'summary':
      return { date: input.date, compareWith: 'SAME_WEEKDAY_LAST_WEEK' }
    case 'book':
      return {
        input: { patientId: input.patient, typeId: input.type, staffId: input.staff, roomId: input.room, startsAt: input.startsAt, reason: input.reason },
      }
    case 'status':
      return { input: { id: input.id, version: input.version, status: input.status?.toUpperCase() } }
    case 'stock':
      return { input: { productId: input.product, quantity: input.quantity } }
    default:
      return input
  }
}

function postgraphileVariables(name: OperationName, input: Input): object {
  const { organisation, clinic } = input
  switch (name) {
    case 'patient':
      return { clinic, id: input.id }
    case 'search':
      return { organisation, query: input.query, first: input.first }
    case 'book': {
      const { patient: ofPatient, type: ofType, staff, room: inRoom, startsAt: begins, reason: why } = input
      return { input: { organisation, clinic, ofPatient, ofType, staff, inRoom, begins, why } }
    }
    case 'status':
      return { input: { organisation, clinic, ofId: input.id, ofVersion: input.version, toStatus: input.status } }
    case 'stock':
      return { input: { organisation, clinic, ofProduct: input.product, amount: input.quantity } }
    default:
      return input
  }
}
