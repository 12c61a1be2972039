const KEY = 'chiron:clinic'

/** The clinic that this browser worked in last; null lets the server choose. */
export function readClinicChoice(): string | null {
  try {
    return window.localStorage.getItem(KEY)
  } catch {
    return null
  }
}

export function writeClinicChoice(clinicId: string | null): void {
  try {
    if (clinicId === null) window.localStorage.removeItem(KEY)
    else window.localStorage.setItem(KEY, clinicId)
  } catch {
    // Storage is switched off: the choice lasts until the next load.
  }
}
