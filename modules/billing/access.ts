import { type AccessTable, can, creates, reads, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.services': { allow: can('service:read'), audit: reads('Service', 'operational') },
  'Query.invoice': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
  'Query.invoices': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
  'Mutation.createService': { allow: can('service:manage'), audit: creates('Service', 'operational') },
  'Mutation.updateService': { allow: can('service:manage'), audit: updates('Service', 'operational') },
  'Mutation.postInvoice': { allow: can('invoice:create'), audit: creates('Invoice', 'financial') },
  'Mutation.creditInvoice': { allow: can('invoice:void'), audit: creates('Invoice', 'financial') },
  'Mutation.recordPayment': { allow: can('payment:process'), audit: creates('Payment', 'financial') },
  'Service.*': { allow: can('service:read'), audit: reads('Service', 'operational') },
  'Invoice.*': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
  'InvoiceLine.*': { allow: can('invoice:read'), audit: reads('InvoiceLine', 'financial') },
  'Payment.*': { allow: can('invoice:read'), audit: reads('Payment', 'financial') },
  'Allocation.*': { allow: can('invoice:read'), audit: reads('PaymentAllocation', 'financial') },
  'Appointment.invoices': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
  'Client.invoices': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
  'Patient.invoices': { allow: can('invoice:read'), audit: reads('Invoice', 'financial') },
} as const satisfies AccessTable
