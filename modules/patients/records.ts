import type { Breed, Client, Patient, Species } from '../../prisma/client/client.ts'
import { defineRecords } from '../kernel/records.ts'

export const patients = defineRecords<Patient>(
  {
    id: 'plain',
    organisationId: 'plain',
    homeClinicId: 'plain',
    clientId: 'plain',
    recordNumber: 'plain',
    name: 'plain',
    speciesCode: 'plain',
    breedCode: 'plain',
    sex: 'plain',
    isNeutered: 'plain',
    bornOn: 'day',
    diedOn: 'day',
    microchip: 'plain',
    colour: 'plain',
    allergies: 'plain',
    alerts: 'plain',
    weightKg: 'decimal',
    archivedAt: 'instant',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'Patient',
    key: 'id',
    fields: [
      'alerts',
      'allergies',
      'bornOn',
      'breedCode',
      'clientId',
      'colour',
      'diedOn',
      'homeClinicId',
      'isNeutered',
      'microchip',
      'name',
      'recordNumber',
      'sex',
      'speciesCode',
      'weightKg',
    ],
  },
  {
    type: 'Patient',
    always: ['id', 'clientId', 'speciesCode'],
    also: { breedCode: ['breed'], homeClinicId: ['homeClinic'], microchip: ['microchipWarning'] },
  },
)

export const clients = defineRecords<Client>(
  {
    id: 'plain',
    organisationId: 'plain',
    name: 'plain',
    phone: 'plain',
    email: 'plain',
    address: 'plain',
    taxId: 'plain',
    locale: 'plain',
    countryCode: 'plain',
    archivedAt: 'instant',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'Client', key: 'id', fields: ['address', 'countryCode', 'email', 'locale', 'name', 'phone', 'taxId'] },
  { type: 'Client', always: ['id'] },
)

export const species = defineRecords<Species>({ code: 'plain', nameEs: 'plain', nameEn: 'plain' }, null)
export const breeds = defineRecords<Breed>({ code: 'plain', speciesCode: 'plain', nameEs: 'plain', nameEn: 'plain' }, null)
