import type { ExportFacts } from './format.ts'
import type { Dimension } from './summary.ts'

export type ReportTexts = {
  readonly title: string
  readonly clinic: string
  readonly requestedBy: string
  readonly reason: string
  readonly period: string
  readonly noEntries: string
  readonly takenAt: string
  readonly filter: string
  readonly noFilter: string
  readonly count: (count: number) => string
  readonly totals: Readonly<Record<Dimension, string>>
  readonly nobody: string
  readonly others: (count: number) => string
  readonly entries: string
  readonly cut: (shown: number, count: number) => string
  readonly columns: {
    readonly time: string
    readonly person: string
    readonly action: string
    readonly records: string
    readonly origin: string
    readonly entry: string
  }
  readonly checkpoint: string
  readonly howToCheck: string
  readonly noCheckpoint: string
  readonly page: (page: number, pages: number) => string
  readonly filters: Readonly<Record<string, string>>
  readonly actions: Readonly<Record<string, string>>
  readonly outcomes: Readonly<Record<string, string>>
}

const es: ReportTexts = {
  title: 'Informe de la bitácora de auditoría',
  clinic: 'Clínica',
  requestedBy: 'Solicitado por',
  reason: 'Motivo',
  period: 'Periodo de los registros',
  noEntries: 'Ningún registro cumple el filtro.',
  takenAt: 'Corte',
  filter: 'Filtro',
  noFilter: 'sin filtro: todos los registros de la clínica',
  count: (count) => `${count.toLocaleString('es-MX')} registros`,
  totals: { action: 'Por acción', outcome: 'Por resultado', person: 'Por persona', type: 'Por tipo de expediente' },
  nobody: '(sin identificar)',
  others: (count) => `y ${count} más`,
  entries: 'Registros',
  cut: (shown, count) =>
    `La tabla muestra los ${shown.toLocaleString('es-MX')} registros más recientes de ${count.toLocaleString('es-MX')}; los totales los cuentan todos. Exporte en CSV o JSON Lines para verlos completos.`,
  columns: { time: 'Fecha y hora', person: 'Persona', action: 'Acción', records: 'Expedientes', origin: 'Origen', entry: 'Registro' },
  checkpoint: 'Último punto de control firmado',
  howToCheck:
    'Este punto de control cubre las bitácoras de todas las clínicas. Guárdelo: con él y la clave pública, «chiron audit verify» comprueba que nada se haya alterado, borrado ni recortado desde entonces, también sin conexión. Los registros más recientes que el punto de control quedan cubiertos por el siguiente. docs/audit.md explica el procedimiento.',
  noCheckpoint: 'Todavía no hay ningún punto de control firmado: este informe no puede compararse aún con la bitácora.',
  page: (page, pages) => `Página ${page} de ${pages}`,
  filters: {
    userId: 'persona',
    action: 'acción',
    actions: 'acciones',
    outcome: 'resultado',
    type: 'tipo',
    recordId: 'expediente',
    from: 'desde',
    to: 'hasta',
    query: 'texto',
    requestId: 'solicitud',
    class: 'clase',
    classes: 'clases',
    role: 'rol',
    origin: 'origen',
    address: 'dirección',
  },
  actions: {
    read: 'lectura',
    create: 'alta',
    update: 'cambio',
    delete: 'baja',
    login: 'inicio de sesión',
    refresh: 'renovación de sesión',
    logout: 'cierre de sesión',
    export: 'exportación',
    none: 'ninguna',
  },
  outcomes: { ok: 'correcto', refused: 'no procedió', denied: 'denegado', rejected: 'rechazado', failed: 'falló' },
}

const en: ReportTexts = {
  title: 'Audit trail report',
  clinic: 'Clinic',
  requestedBy: 'Requested by',
  reason: 'Reason',
  period: 'Period of the entries',
  noEntries: 'No entry matches the filter.',
  takenAt: 'As of',
  filter: 'Filter',
  noFilter: "no filter: all of the clinic's entries",
  count: (count) => `${count.toLocaleString('en')} entries`,
  totals: { action: 'By action', outcome: 'By outcome', person: 'By person', type: 'By record type' },
  nobody: '(not identified)',
  others: (count) => `and ${count} more`,
  entries: 'Entries',
  cut: (shown, count) =>
    `The table shows the newest ${shown.toLocaleString('en')} of ${count.toLocaleString('en')} entries; the totals count all of them. Export as CSV or JSON Lines to see the rest.`,
  columns: { time: 'Time', person: 'Person', action: 'Action', records: 'Records', origin: 'Origin', entry: 'Entry' },
  checkpoint: 'Newest signed checkpoint',
  howToCheck:
    'This checkpoint covers the logs of all clinics. Keep it: with it and the public key, "chiron audit verify" checks that nothing has been altered, deleted or cut off since, without a network too. Entries newer than the checkpoint are covered by the next one. docs/audit.md explains how.',
  noCheckpoint: 'There is no signed checkpoint yet: this report cannot be compared with the log.',
  page: (page, pages) => `Page ${page} of ${pages}`,
  filters: {
    userId: 'person',
    action: 'action',
    actions: 'actions',
    outcome: 'outcome',
    type: 'type',
    recordId: 'record',
    from: 'from',
    to: 'to',
    query: 'text',
    requestId: 'request',
    class: 'class',
    classes: 'classes',
    role: 'role',
    origin: 'origin',
    address: 'address',
  },
  actions: {
    read: 'read',
    create: 'create',
    update: 'update',
    delete: 'delete',
    login: 'sign-in',
    refresh: 'session renewal',
    logout: 'sign-out',
    export: 'export',
    none: 'none',
  },
  outcomes: { ok: 'ok', refused: 'refused', denied: 'denied', rejected: 'rejected', failed: 'failed' },
}

export const REPORT_TEXTS: Readonly<Record<ExportFacts['locale'], ReportTexts>> = { 'es-MX': es, en }
