import type { SystemActor } from '../modules/kernel/actor.ts'
import { createClient, createPatient, type NewClient, type NewPatient } from '../modules/patients/index.ts'
import type { App } from '../server/app.ts'

export async function addClient(app: App, actor: SystemActor, client: Partial<NewClient> = {}): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createClient(tx, actor, { name: 'Lucía Hernández', phone: '+52 55 1234 5678', ...client }))
  return id
}

/** A dog of a new client, or of the client given. */
export async function addPatient(
  app: App,
  actor: SystemActor,
  patient: Partial<NewPatient> = {},
): Promise<{ id: string; clientId: string; recordNumber: string }> {
  const clientId = patient.clientId ?? (await addClient(app, actor))
  const created = await app.asSystem(actor, 'cli', 'world', (tx) => createPatient(tx, actor, { name: 'Firulais', speciesCode: 'canine', ...patient, clientId }))
  return { ...created, clientId }
}
