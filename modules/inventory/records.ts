import type { Lot, Product, StockMovement } from '../../prisma/client/client.ts'
import { defineRecords } from '../kernel/records.ts'

export const products = defineRecords<Product>(
  {
    id: 'plain',
    organisationId: 'plain',
    familyId: 'plain',
    sku: 'plain',
    name: 'plain',
    category: 'plain',
    unitCode: 'plain',
    unitPrice: 'decimal',
    taxRate: 'decimal',
    isLotTracked: 'plain',
    archivedAt: 'instant',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'Product',
    key: 'id',
    fields: ['archivedAt', 'category', 'familyId', 'isLotTracked', 'name', 'sku', 'taxRate', 'unitCode', 'unitPrice'],
  },
  { type: 'Product', always: ['id', 'familyId', 'isLotTracked'] },
)

export const stockMovements = defineRecords<StockMovement>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    productId: 'plain',
    lotId: 'plain',
    kind: 'plain',
    quantity: 'decimal',
    reason: 'plain',
    invoiceLineId: 'plain',
    recordedById: 'plain',
    occurredAt: 'instant',
    createdAt: 'instant',
  },
  {
    type: 'StockMovement',
    key: 'id',
    fields: ['invoiceLineId', 'kind', 'lotId', 'occurredAt', 'productId', 'quantity', 'reason', 'recordedById'],
  },
  { type: 'StockMovement', always: ['id', 'productId', 'lotId', 'recordedById'] },
)

export const lots = defineRecords<Lot>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    productId: 'plain',
    number: 'plain',
    expiresOn: 'day',
    onHand: 'decimal',
    status: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'Lot', key: 'id', fields: ['expiresOn', 'number', 'onHand', 'productId', 'status'] },
  { type: 'Lot', always: ['id', 'productId'] },
)
