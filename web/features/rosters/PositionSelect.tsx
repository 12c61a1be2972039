import { Select } from '@mantine/core'
import { useCodeLabel } from '../../use-code-label.ts'

const POSITIONS = ['veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner'] as const

type PositionSelectProps = { label: string; value: string; onChange: (position: string) => void }

export function PositionSelect({ label, value, onChange }: PositionSelectProps) {
  const text = useCodeLabel()
  return (
    <Select
      label={label}
      data={POSITIONS.map((position) => ({ value: position, label: text('position', position) }))}
      value={value}
      onChange={(position) => position !== null && onChange(position)}
      allowDeselect={false}
    />
  )
}
