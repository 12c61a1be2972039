import { z } from 'zod'
import type { Product } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { decimal, fieldsOf, kept, line, percent, unitPrice, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { findProductsByIds } from './queries.ts'

export const PRODUCT_CATEGORIES = ['food', 'parasiticide', 'vaccine', 'medicine', 'controlled', 'accessory', 'supply'] as const

// Codes arrive as plain text.
const category = z.string().pipe(z.enum(PRODUCT_CATEGORIES))

const productSchema = z.object({
  sku: line(40),
  name: line(120),
  /** Variants of one family ("Royal Canin") are one row in summaries. A new name opens a new family. */
  familyName: line(120).nullish(),
  category,
  /** UCUM code of the reference data, such as {bag} or mL. */
  unitCode: line(20)
    .nullish()
    .transform((code) => code ?? '{unit}'),
  unitPrice,
  taxRate: percent,
  isLotTracked: z
    .boolean()
    .nullish()
    .transform((isTracked) => isTracked ?? false),
})
export type NewProduct = z.input<typeof productSchema>

const PRODUCT_CHANGES = ['category', 'familyId', 'isLotTracked', 'name', 'sku', 'taxRate', 'unitCode', 'unitPrice'] as const

/** Adds a product to the organisation's catalogue. Throws AlreadyExistsError for a SKU that is taken. */
export async function createProduct(tx: Tx, actor: ClinicActor, input: NewProduct): Promise<{ id: string }> {
  const { familyName, ...data } = validate(productSchema, input)
  const familyId = familyName ? await openFamily(tx, actor, familyName) : null
  try {
    const { id } = await tx.prisma.product.create({ data: { organisationId: actor.organisationId, familyId, ...data } })
    tx.changes('Product', [id], PRODUCT_CHANGES)
    return { id }
  } catch (error) {
    throw productError(error)
  }
}

const productChangeSchema = z.object({
  id: z.string(),
  version: z.number().int(),
  sku: kept(line(40)),
  name: kept(line(120)),
  familyName: line(120).nullish(),
  category: kept(category),
  unitPrice: kept(unitPrice),
  taxRate: kept(percent),
  isArchived: kept(z.boolean()),
})
export type ProductChange = z.input<typeof productChangeSchema>

/**
 * Changes what is given; what is left out stays, and `familyName: null` takes the product out of its family. Unit and lot
 * tracking stay as they are: the stock on the shelf was counted under them. An archived product is sold no more.
 */
export async function updateProduct(tx: Tx, actor: ClinicActor, input: ProductChange): Promise<{ id: string }> {
  const { id, version, familyName, isArchived, ...fields } = validate(productChangeSchema, input)
  const { organisationId } = actor
  const current = await tx.prisma.product.findFirst({ where: { organisationId, id } })
  if (!current) throw new NotFoundError('Product')
  const data = {
    ...fields,
    ...(familyName === undefined ? {} : { familyId: familyName === null ? null : await openFamily(tx, actor, familyName) }),
    ...(isArchived === undefined ? {} : { archivedAt: isArchived ? (current.archivedAt ?? tx.clock.now()) : null }),
  }
  try {
    const { count } = await tx.prisma.product.updateMany({ where: { organisationId, id, version }, data: { ...data, version: { increment: 1 } } })
    if (count === 0) throw new StaleVersionError('Product', current.version)
  } catch (error) {
    throw productError(error)
  }
  tx.changes('Product', [id], fieldsOf(data))
  return { id }
}

function productError(error: unknown): unknown {
  const constraint = violation(error)?.constraint
  if (constraint === 'product_unit_code_fkey') return invalid('unitCode', 'unknown', 'is not a unit of the reference data')
  return violation(error)?.code === '23505' ? new AlreadyExistsError('Product', 'sku') : error
}

async function openFamily(tx: Tx, { organisationId }: ClinicActor, name: string): Promise<string> {
  const [opened] = await tx.query<{ id: string }>({
    name: 'open_product_family',
    text: 'INSERT INTO product_family (organisation_id, name, created_at) VALUES ($1::uuid, $2, $3::timestamptz) ON CONFLICT (organisation_id, name) DO NOTHING RETURNING id::text',
    values: [organisationId, name, tx.clock.now().toISOString()],
  })
  if (opened) {
    tx.changes('ProductFamily', [opened.id], ['name'])
    return opened.id
  }
  const { id } = await tx.prisma.productFamily.findFirstOrThrow({ where: { organisationId, name } })
  return id
}

const quantity = decimal.refine((value) => Number(value) >= 0, 'must be 0 or more')
const levelsSchema = z
  .object({ productId: z.string(), criticalLevel: quantity, idealLevel: quantity })
  .refine(({ criticalLevel, idealLevel }) => Number(idealLevel) >= Number(criticalLevel), {
    path: ['idealLevel'],
    message: 'must be at least the critical level',
  })
export type StockLevelsInput = z.input<typeof levelsSchema>

/** Sets when the active clinic reorders a product, and up to how much. Touches no stock. */
export async function setStockLevels(tx: Tx, actor: ClinicActor, input: StockLevelsInput): Promise<{ id: string }> {
  const { productId, criticalLevel, idealLevel } = validate(levelsSchema, input)
  await getSaleableProduct(tx, actor, productId)
  // The application may not write on_hand, which Prisma would name in its INSERT.
  await tx.query({
    name: 'set_stock_levels',
    text: `INSERT INTO stock_level (organisation_id, clinic_id, product_id, critical_level, ideal_level, updated_at)
      VALUES ($1::uuid, $2::uuid, $3::uuid, $4::numeric, $5::numeric, $6::timestamptz)
      ON CONFLICT (organisation_id, clinic_id, product_id)
      DO UPDATE SET critical_level = excluded.critical_level, ideal_level = excluded.ideal_level, updated_at = excluded.updated_at`,
    values: [actor.organisationId, actor.clinic.id, productId, criticalLevel, idealLevel, tx.clock.now().toISOString()],
  })
  tx.changes('StockLevel', [productId], ['criticalLevel', 'idealLevel'])
  return { id: productId }
}

/** A product of the catalogue that is not archived. Throws NotFoundError. */
export async function getSaleableProduct(tx: Tx, actor: ClinicActor, id: string): Promise<Product> {
  const [product] = isUuid(id) ? (await findProductsByIds(tx, actor, [id])).filter(({ archivedAt }) => archivedAt === null) : []
  if (!product) throw new NotFoundError('Product')
  return product
}
