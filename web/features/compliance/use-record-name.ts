import { useFormat } from '../../session/viewer.ts'

/** How people call a record that the log names. The API labels a visit by its instant; people read the clinic's time. */
export function useRecordName(): (record: { readonly label: string | null }) => string | null {
  const format = useFormat()
  return ({ label }) => (label !== null && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(label) ? format.dateTime(label) : label)
}
