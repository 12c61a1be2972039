import type { Lot, Prisma, Product, ProductFamily, StockLevel, StockMovement } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { jsonRows } from '../kernel/records.ts'
import { searchText } from '../kernel/validate.ts'
import { byExpiry } from './fefo.ts'
import { lots, products, stockMovements } from './records.ts'
import { toShelf } from './stock.ts'

const FAMILY_FIELDS = ['name'] as const
export const PRODUCT_FIELDS = ['archivedAt', 'category', 'familyId', 'isLotTracked', 'name', 'sku', 'taxRate', 'unitCode', 'unitPrice'] as const
export const LEVEL_FIELDS = ['criticalLevel', 'idealLevel', 'onHand'] as const
export const LOT_FIELDS = ['expiresOn', 'number', 'onHand', 'productId', 'status'] as const
export const MOVEMENT_FIELDS = ['invoiceLineId', 'kind', 'lotId', 'occurredAt', 'productId', 'quantity', 'reason', 'recordedById'] as const

/** A level under its product's id, which is its key within a clinic. */
export type LevelRow = StockLevel & { readonly id: string }
export type ProductFilter = { readonly query?: string | null | undefined; readonly category?: string | null | undefined }
type Page = { readonly limit: number; readonly offset: number }

const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

/** Products of the organisation by id, archived ones included: old invoices name them. */
export async function findProductsByIds(db: Db, actor: ClinicActor, wanted: readonly string[]): Promise<Product[]> {
  return products.read(db, {
    name: 'find_products_by_ids',
    text: `SELECT ${products.columns('p')} FROM product p WHERE p.organisation_id = $1::uuid AND p.id = ANY ($2::uuid[])`,
    values: [actor.organisationId, [...wanted]],
  })
}

/** A page of the catalogue by name, without archived products. The query matches name, SKU and family, ignoring accents and case. */
export async function listProducts(db: Db, actor: ClinicActor, { query, category }: ProductFilter, page: Page): Promise<Product[]> {
  const where: Prisma.ProductWhereInput = { organisationId: actor.organisationId, archivedAt: null }
  if (category) where.category = category
  const wanted = searchText(query)
  if (wanted !== null) where.id = { in: await searchProducts(db, actor, wanted) }
  const rows = await db.prisma.product.findMany({
    where,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: page.limit,
    skip: page.offset,
  })
  db.reads('Product', ids(rows), PRODUCT_FIELDS)
  return rows
}

// A catalogue holds hundreds of rows, not millions: a scan of the tenant's own beats a search function with rights of its own.
async function searchProducts(db: Db, actor: ClinicActor, query: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>({
    name: 'search_products',
    text: `SELECT p.id::text AS id FROM product p LEFT JOIN product_family f ON f.organisation_id = p.organisation_id AND f.id = p.family_id
      WHERE p.organisation_id = $1::uuid AND p.archived_at IS NULL
        AND strpos(search_key(concat_ws(E'\\n', p.name, p.sku, f.name)), search_key($2)) > 0`,
    values: [actor.organisationId, query],
  })
  return ids(rows)
}

export async function findFamiliesByIds(db: Db, actor: ClinicActor, wanted: readonly string[]): Promise<ProductFamily[]> {
  const rows = await db.prisma.productFamily.findMany({ where: { organisationId: actor.organisationId, id: { in: [...wanted] } } })
  db.reads('ProductFamily', ids(rows), FAMILY_FIELDS)
  return rows
}

/** Stock levels of the active clinic by product; a product that was never stocked here has none. */
export async function findLevelsByProductIds(db: Db, actor: ClinicActor, productIds: readonly string[]): Promise<LevelRow[]> {
  const rows = await db.prisma.stockLevel.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, productId: { in: [...productIds] } },
  })
  db.reads(
    'StockLevel',
    rows.map(({ productId }) => productId),
    LEVEL_FIELDS,
  )
  return rows.map((level) => ({ ...level, id: level.productId }))
}

export async function findLotsByIds(db: Db, actor: ClinicActor, wanted: readonly string[]): Promise<Lot[]> {
  return lots.read(db, {
    name: 'find_lots_by_ids',
    text: `SELECT ${lots.columns('l')} FROM lot l WHERE l.organisation_id = $1::uuid AND l.clinic_id = $2::uuid AND l.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...wanted]],
  })
}

/** Lots of products with stock left at the active clinic, in the order in which they leave the shelf. */
export async function listLotsByProduct(db: Db, actor: ClinicActor, productIds: readonly string[]): Promise<ReadonlyMap<string, Lot[]>> {
  const rows = await db.prisma.lot.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, productId: { in: [...productIds] }, onHand: { gt: 0 } },
  })
  db.reads('Lot', ids(rows), LOT_FIELDS)
  return Map.groupBy(
    rows.sort((a, b) => byExpiry(toShelf(a), toShelf(b))),
    ({ productId }) => productId,
  )
}

/** Movements of the active clinic, newest first; of one product if asked. */
export async function listMovements(db: Db, actor: ClinicActor, filter: { productId?: string | null | undefined }, page: Page): Promise<StockMovement[]> {
  const where: Prisma.StockMovementWhereInput = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  if (filter.productId) where.productId = filter.productId
  const rows = await db.prisma.stockMovement.findMany({
    where,
    orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
    take: page.limit,
    skip: page.offset,
  })
  db.reads('StockMovement', ids(rows), MOVEMENT_FIELDS)
  return rows
}

export type Movements = { readonly movements: readonly StockMovement[]; readonly products: readonly Product[] }

/** Movements of the active clinic by id, with their products, in one statement. */
export async function findMovementsByIds(db: Db, actor: ClinicActor, wanted: readonly string[]): Promise<Movements> {
  const [row] = await db.query<Movements>({
    name: 'find_movements_by_ids',
    text: MOVEMENTS_BY_IDS,
    values: [actor.organisationId, actor.clinic.id, [...wanted]],
  })
  return { movements: stockMovements.take(db, row?.movements ?? null), products: products.take(db, row?.products ?? null) }
}

const MOVEMENTS_BY_IDS = `WITH movement AS MATERIALIZED (
    SELECT m.* FROM stock_movement m WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.id = ANY ($3::uuid[])
  )
  SELECT ${jsonRows(`SELECT ${stockMovements.columns('m')} FROM movement m`)} AS movements,
    ${jsonRows(`SELECT ${products.columns('p')} FROM product p WHERE p.organisation_id = $1::uuid AND p.id IN (SELECT product_id FROM movement)`)} AS products`

/** Lots out of which invoice lines were served, grouped by line. */
export async function listLotsByInvoiceLine(db: Db, actor: ClinicActor, lineIds: readonly string[]): Promise<ReadonlyMap<string, Lot[]>> {
  const rows = await db.prisma.stockMovement.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, invoiceLineId: { in: [...lineIds] }, lotId: { not: null } },
    include: { lot: true },
    orderBy: { id: 'asc' },
  })
  const served = rows.flatMap(({ invoiceLineId, lot }) => (invoiceLineId && lot ? [{ invoiceLineId, lot }] : []))
  db.reads('StockMovement', ids(rows), ['invoiceLineId', 'lotId'])
  db.reads(
    'Lot',
    served.map(({ lot }) => lot.id),
    LOT_FIELDS,
  )
  return new Map([...Map.groupBy(served, (row) => row.invoiceLineId)].map(([lineId, group]) => [lineId, group.map(({ lot }) => lot)]))
}
