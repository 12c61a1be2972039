type MoneyValue = { readonly minorUnits: string; readonly currency: string }

/** Texts of dates and numbers: the reader's language, the clinic's country, zone and currency. */
export type Format = ReturnType<typeof createFormat>

export function createFormat(options: { language: string; countryCode: string; timeZone: string }) {
  const locale = `${options.language.slice(0, 2)}-${options.countryCode}`
  const { timeZone } = options
  const instant = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, ...style })
    return (value: string | Date) => format.format(typeof value === 'string' ? new Date(value) : value)
  }
  const day = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...style })
    return (value: string) => format.format(new Date(`${value}T00:00:00Z`))
  }
  const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 })
  const clock = instant({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return {
    locale,
    timeZone,
    time: clock,
    dateTime: instant({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    dateTimeSeconds: instant({
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }),
    dateOfInstant: instant({ day: 'numeric', month: 'short', year: 'numeric' }),
    date: day({ day: 'numeric', month: 'short', year: 'numeric' }),
    longDate: day({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    weekdayDate: day({ weekday: 'short', day: 'numeric', month: 'short' }),
    weekdayLongDate: day({ weekday: 'long', day: 'numeric', month: 'long' }),
    /** A month as `YYYY-MM`. */
    month: (value: string) => day({ month: 'long', year: 'numeric' })(`${value}-01`),
    shortDate: day({ day: 'numeric', month: 'short' }),
    weekday: day({ weekday: 'short' }),
    /** A decimal text from the API, at full precision. */
    decimal: (value: string | number) => decimals.format(typeof value === 'string' ? Number(value) : value),
    percent: (value: number) => new Intl.NumberFormat(locale, { style: 'percent', signDisplay: 'exceptZero' }).format(value / 100),
    money: (value: MoneyValue, style: { whole?: boolean } = {}) => formatMoney(locale, value, style.whole ?? false),
  }
}

function formatMoney(locale: string, value: MoneyValue, isWhole: boolean): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: value.currency,
    currencyDisplay: 'narrowSymbol',
    ...(isWhole ? { maximumFractionDigits: 0 } : {}),
  })
  return format.format(majorUnits(value))
}

/** Minor units as a number for charts and formats; exact up to 2^53 minor units. */
export function majorUnits(value: MoneyValue): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency: value.currency }).resolvedOptions().maximumFractionDigits ?? 2
  return Number(value.minorUnits) / 10 ** digits
}
