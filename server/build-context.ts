import type { Logger } from 'pino'
import type { Actor, UserActor } from '../modules/kernel/actor.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import { NIL_ID } from '../modules/kernel/ids.ts'
import { unauthenticated } from '../schema/access.ts'
import type { AuthPort, BookingPort, CalendarPort, Context, LivePort } from '../schema/context.ts'
import type { KeyRing } from './audit/images/key-ring.ts'
import { createAuditImages } from './audit/images/reader.ts'
import { Records } from './records.ts'
import { type MutationPorts, runMutation } from './run-mutation.ts'
import type { Scope } from './scoped-query.ts'

export type ContextPorts = MutationPorts & {
  readonly log: Logger
  readonly auth: AuthPort
  readonly live: LivePort
  readonly calendar: CalendarPort
  readonly booking: BookingPort
  readonly imageKeys: KeyRing
  readonly fields: FieldCipher
}

/** The scope in which row-level security runs for an actor. Nobody's scope matches no row. */
export function scopeOf(actor: Actor): Scope {
  if (actor.kind === 'anonymous') return { organisationId: NIL_ID, clinicIds: [], sharePatients: false }
  return { organisationId: actor.organisationId, clinicIds: [actor.clinic.id], sharePatients: actor.sharePatients }
}

// Yoga copies the context, so a getter that throws would fail for nobody's operations; this fails only where it is used.
const NOBODY: UserActor = new Proxy(Object.create(null), {
  get() {
    throw unauthenticated()
  },
})

/** Everything that resolvers of one operation get. */
export function buildContext(ports: ContextPorts): Context {
  const { database, record } = ports
  const caller = record.actor
  const scope = scopeOf(caller)
  const db = database.reader(scope, record.access, ports.check)
  const auditDb = database.auditReader(scope, record.access)
  const actor = caller.kind === 'user' ? caller : NOBODY
  const records = new Records(db, actor)
  const mutator = { actor: caller, scope, log: record.access }
  return {
    caller,
    actor,
    db,
    auditDb,
    auditImages: createAuditImages(auditDb, ports.imageKeys),
    get prisma() {
      return database.prisma(scope, ports.check)
    },
    clock: ports.clock,
    fields: ports.fields,
    log: ports.log,
    selects: (coordinate) => record.selected.has(coordinate),
    prime: (batch, rows) => records.prime(batch, rows),
    primeMany: (batch, groups) => records.primeMany(batch, groups),
    find: (batch, id) => records.find(batch, id),
    get: (batch, id) => records.get(batch, id),
    many: (batch, id) => records.many(batch, id),
    ahead: (batch, id) => records.ahead(batch, id),
    transact: async (info, input, command) => {
      const result = await runMutation(ports, mutator, info, input, command)
      // The next field of the same document must not read what this change has made old.
      records.clear()
      return result
    },
    change: async (info, input, command, read) => {
      const answers: Awaited<ReturnType<typeof read>>[] = []
      const run: typeof command = (tx) => {
        // An attempt before this one may have come as far as its answer.
        answers.length = 0
        return command(tx)
      }
      const result = await runMutation(ports, mutator, info, input, run, async (tx, done) => {
        answers[0] = await read(tx, done)
      })
      records.clear()
      const [answer = await read(db, result)] = answers
      return answer
    },
    auth: ports.auth,
    live: ports.live,
    calendar: ports.calendar,
    booking: ports.booking,
  }
}
