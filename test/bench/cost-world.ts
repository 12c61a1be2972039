import { createApp } from '../../server/app.ts'
import { withClient } from '../../server/database/connection.ts'
import { createLog } from '../../server/log.ts'
import { testConfig } from '../harness.ts'
import type { Cluster } from '../own-cluster.ts'
import { buildOrganisation } from '../world.ts'
import { addProduct } from '../world-inventory.ts'
import { addPatient } from '../world-patients.ts'
import { addAppointment, addPractice, type Practice } from '../world-scheduling.ts'

export type CostWorld = {
  readonly email: string
  readonly practice: Practice
  readonly patientIds: readonly string[]
  readonly productId: string
  readonly day: string
}

const PATIENTS = 50
const VISITS = 24

/** Instant of a slot of twenty minutes, the `index`-th from nine o'clock of a Monday in Mexico City; weekdays of eight hours. */
export function slotAt(monday: string, index: number): string {
  const perDay = 24
  const day = Math.floor(index / perDay)
  const days = Math.floor(day / 5) * 7 + (day % 5)
  return new Date(Date.parse(`${monday}T15:00:00Z`) + days * 86_400_000 + (index % perDay) * 1_200_000).toISOString()
}

/** A clinic with patients and a full day, made through the product in the cluster's own database. */
export async function buildCostWorld(cluster: Cluster): Promise<CostWorld> {
  await using app = await createApp(testConfig(cluster.urls), { log: createLog('silent') })
  const organisation = await buildOrganisation(app, 'bench', [{}])
  const [clinic] = organisation.clinics
  if (!clinic) throw new Error('the world has no clinic')
  const { actor } = clinic
  const practice = await addPractice(app, actor)
  const patientIds: string[] = []
  for (let count = 0; count < PATIENTS; count += 1) patientIds.push((await addPatient(app, actor)).id)
  const day = '2027-01-04'
  const { typeId, roomId, staffId } = practice
  for (let index = 0; index < VISITS; index += 1)
    await addAppointment(app, actor, { patientId: patientIds[index] ?? practice.patientId, typeId, staffId, roomId, startsAt: new Date(slotAt(day, index)) })
  const productId = await addProduct(app, actor)
  await withClient(cluster.urls.adminUrl, (admin) => admin.query('ANALYZE'))
  return { email: organisation.email('owner'), practice, patientIds, productId, day }
}
