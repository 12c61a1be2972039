import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { App } from '../../server/app.ts'
import { buildOrganisation } from '../world.ts'
import { addProduct } from '../world-inventory.ts'
import { addPractice, type Practice } from '../world-scheduling.ts'

/** What the load works on: a clinic that takes bookings, a product, and the owner, whose free documents are allowed. */
export type FaultWorld = { readonly actor: SystemActor; readonly practice: Practice; readonly productId: string; readonly email: string }

/** Made through the product's own commands, so that all of it is in the trail. */
export async function buildFaultWorld(app: App): Promise<FaultWorld> {
  const organisation = await buildOrganisation(app, 'faults', [{}])
  const [clinic] = organisation.clinics
  if (!clinic) throw new Error('the world has no clinic')
  return {
    actor: clinic.actor,
    practice: await addPractice(app, clinic.actor),
    productId: await addProduct(app, clinic.actor),
    email: organisation.email('owner'),
  }
}
