import type { SystemActor } from '../modules/kernel/actor.ts'
import { type NewNote, signNote, writeNote } from '../modules/notes/commands.ts'
import { createDefaultTemplates } from '../modules/notes/index.ts'
import { bookAppointment, createAppointmentType } from '../modules/scheduling/index.ts'
import type { App } from '../server/app.ts'

/** A draft of the actor's staff member, written now or at an instant. */
export async function addNote(app: App, actor: SystemActor, note: Partial<NewNote> & { patientId: string }, at?: string): Promise<string> {
  const input: NewNote = { kind: 'soap', title: 'Consulta', body: 'Sin hallazgos.', ...note }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => writeNote(tx, actor, input), clockAt(app, at))
  return id
}

/** A note that its author has signed. */
export async function addSignedNote(app: App, actor: SystemActor, note: Partial<NewNote> & { patientId: string }, at?: string): Promise<string> {
  const id = await addNote(app, actor, note, at)
  await app.asSystem(actor, 'cli', 'world', (tx) => signNote(tx, actor, { id, version: 1 }), clockAt(app, at))
  return id
}

export async function addDefaultTemplates(app: App, actor: SystemActor): Promise<string[]> {
  const { ids } = await app.asSystem(actor, 'cli', 'world', (tx) => createDefaultTemplates(tx, actor))
  return ids
}

let count = 0

/** A visit of half an hour with a person who works then. */
export async function addVisit(app: App, actor: SystemActor, visit: { patientId: string; staffId: string; startsAt: string }): Promise<string> {
  count += 1
  const { id: typeId } = await app.asSystem(actor, 'cli', 'world', (tx) =>
    createAppointmentType(tx, actor, { code: `visit-${count}`, name: 'Consulta', durationMinutes: 30 }),
  )
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => bookAppointment(tx, actor, { ...visit, typeId, startsAt: new Date(visit.startsAt) }))
  return id
}

function clockAt(app: App, at: string | undefined): App['clock'] {
  return at === undefined ? app.clock : { now: () => new Date(at) }
}
