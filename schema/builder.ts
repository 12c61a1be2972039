import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import type { UserRow } from '../modules/access/index.ts'
import type { InventoryAlerts } from '../modules/inventory/index.ts'
import type { ActorClinic } from '../modules/kernel/actor.ts'
import type { DomainError } from '../modules/kernel/errors.ts'
import type { Money } from '../modules/kernel/money.ts'
import type { LocalDate, LocalTime } from '../modules/kernel/time.ts'
import type { Context } from './context.ts'
import type PrismaTypes from './pothos-types.ts'
import { getDatamodel } from './pothos-types.ts'

/** Page sizes of every connection: what a client gets without asking, and the most it gets. */
export const PAGE_SIZE = { default: 25, max: 100 } as const

type Models = { [Name in keyof PrismaTypes]: PrismaTypes[Name]['Shape'] }
/** Types by name, so that a module's field can answer another module's record without importing its types. */
type Objects = Omit<Models, 'Clinic' | 'User' | 'Role'> & { Money: Money; Clinic: ActorClinic; User: UserRow; InventoryAlerts: InventoryAlerts }

export type SchemaTypes = {
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    UUID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    LocalDate: { Input: LocalDate; Output: LocalDate }
    LocalTime: { Input: LocalTime; Output: LocalTime }
    Decimal: { Input: string; Output: string }
    MinorUnits: { Input: bigint; Output: bigint }
  }
  Objects: Objects
  Interfaces: { Error: DomainError }
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  errors: { directResult: true, defaultTypes: [] },
  relay: { cursorType: 'String', clientMutationId: 'omit' },
  prisma: {
    client: (ctx: Context) => ctx.prisma,
    dmmf: getDatamodel(),
    filterConnectionTotalCount: true,
    defaultConnectionSize: PAGE_SIZE.default,
    maxConnectionSize: PAGE_SIZE.max,
  },
})

builder.queryType({ description: 'Everything that can be read, within the rights of the caller at the active clinic.' })
builder.mutationType({ description: 'Everything that can be changed. Each answer is a union of the record and the errors that are expected.' })
builder.subscriptionType({ description: 'What happens while one watches, as server-sent events. Refuses and ends like everything else: by rights.' })

builder.objectType('Money', {
  description: 'An amount in the smallest unit of its currency.',
  fields: (t) => ({
    minorUnits: t.field({ type: 'MinorUnits', description: 'Centavos for MXN; no decimals for JPY.', resolve: (money) => money.minorUnits }),
    currency: t.exposeString('currency', { description: 'ISO 4217.' }),
  }),
})
