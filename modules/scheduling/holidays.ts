import { addDays, type LocalDate, toDateColumn, weekdayOf } from '../kernel/time.ts'

export type Holiday = { readonly code: string; readonly date: LocalDate; readonly name: { readonly 'es-MX': string; readonly en: string } }

type Rule = { readonly code: string; readonly es: string; readonly en: string; readonly on: (year: number) => LocalDate | null }

/**
 * Days on which nobody has to work by the law, per country, on the very day that the law names.
 * Source: Mexico, Ley Federal del Trabajo, art. 74 (the transfer of the federal executive: 1 October every six
 * years, the first of them in 2024); election days are set by other laws and not among them.
 * Source: United States, 5 U.S.C. 6103(a). That federal offices observe a neighbouring working day (6103(b)) does not bind others.
 */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  MX: [
    { code: 'new-year', es: 'Año Nuevo', en: "New Year's Day", on: fixed('01-01') },
    { code: 'constitution', es: 'Día de la Constitución', en: 'Constitution Day', on: nth(1, 1, '02') },
    { code: 'juarez', es: 'Natalicio de Benito Juárez', en: "Benito Juárez's Birthday", on: nth(3, 1, '03') },
    { code: 'labour', es: 'Día del Trabajo', en: 'Labour Day', on: fixed('05-01') },
    { code: 'independence', es: 'Día de la Independencia', en: 'Independence Day', on: fixed('09-16') },
    { code: 'transfer-of-power', es: 'Transmisión del Poder Ejecutivo', en: 'Transfer of the Federal Executive', on: everySixYears(2024, '10-01') },
    { code: 'revolution', es: 'Día de la Revolución', en: 'Revolution Day', on: nth(3, 1, '11') },
    { code: 'christmas', es: 'Navidad', en: 'Christmas Day', on: fixed('12-25') },
  ],
  US: [
    { code: 'new-year', es: 'Año Nuevo', en: "New Year's Day", on: fixed('01-01') },
    { code: 'king', es: 'Natalicio de Martin Luther King Jr.', en: 'Birthday of Martin Luther King, Jr.', on: nth(3, 1, '01') },
    { code: 'washington', es: 'Natalicio de Washington', en: "Washington's Birthday", on: nth(3, 1, '02') },
    { code: 'memorial', es: 'Día de los Caídos', en: 'Memorial Day', on: lastMonday('05') },
    { code: 'juneteenth', es: 'Juneteenth', en: 'Juneteenth National Independence Day', on: since(2021, fixed('06-19')) },
    { code: 'independence', es: 'Día de la Independencia', en: 'Independence Day', on: fixed('07-04') },
    { code: 'labour', es: 'Día del Trabajo', en: 'Labor Day', on: nth(1, 1, '09') },
    { code: 'columbus', es: 'Día de Colón', en: 'Columbus Day', on: nth(2, 1, '10') },
    { code: 'veterans', es: 'Día de los Veteranos', en: 'Veterans Day', on: fixed('11-11') },
    { code: 'thanksgiving', es: 'Acción de Gracias', en: 'Thanksgiving Day', on: nth(4, 4, '11') },
    { code: 'christmas', es: 'Navidad', en: 'Christmas Day', on: fixed('12-25') },
  ],
}

/** Public holidays of a country in a year, in order; none for a country without data. */
export function holidaysOf(countryCode: string, year: number): Holiday[] {
  return (RULES[countryCode] ?? [])
    .flatMap(({ code, es, en, on }) => {
      const date = on(year)
      return date === null ? [] : [{ code, date, name: { 'es-MX': es, en } }]
    })
    .sort((a, b) => (a.date < b.date ? -1 : 1))
}

function fixed(day: string): (year: number) => LocalDate {
  return (year) => `${year}-${day}`
}

/** @param weekday ISO 8601, 1 to 7 */
function nth(count: number, weekday: number, month: string): (year: number) => LocalDate {
  return (year) => {
    const first = `${year}-${month}-01`
    return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (count - 1))
  }
}

function lastMonday(month: string): (year: number) => LocalDate {
  return (year) => {
    const first = toDateColumn(`${year}-${month}-01`)
    const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).toISOString().slice(0, 10)
    return addDays(last, -(weekdayOf(last) - 1))
  }
}

function everySixYears(from: number, day: string): (year: number) => LocalDate | null {
  return (year) => (year >= from && (year - from) % 6 === 0 ? `${year}-${day}` : null)
}

function since(from: number, on: (year: number) => LocalDate): (year: number) => LocalDate | null {
  return (year) => (year >= from ? on(year) : null)
}
