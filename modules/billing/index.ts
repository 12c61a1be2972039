// The door for sibling modules.
export { balanceOf } from './amounts.ts'
export { createService, type NewService, type ServiceChange, updateService } from './catalogue.ts'
export { type Credit, creditInvoice } from './credit-invoice.ts'
export { OverPaymentError } from './errors.ts'
export { type NewPayment, PAYMENT_METHODS, recordPayment } from './payments.ts'
export { type NewInvoice, postInvoice } from './post-invoice.ts'
export { findInvoicesByIds, findServicesByIds, listServices } from './queries.ts'
