import type { TableProps } from '@mantine/core'
import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/** A secondary column gives way on phones; what it says must stand elsewhere too. */
export type Column = { label: string; isNumeric?: boolean; isSecondary?: boolean; width?: string }
type DataTableProps = { label: string; columns: readonly Column[]; minWidth?: number; maxHeight?: number; children: ReactNode } & Pick<
  TableProps,
  'highlightOnHover' | 'layout' | 'stickyHeader' | 'verticalSpacing' | 'fz'
>

/** A table that scrolls inside itself on narrow screens, and that the keyboard can scroll too. */
export function DataTable({ label, columns, minWidth = 0, maxHeight, children, ...table }: DataTableProps) {
  return (
    <Table.ScrollContainer type="native" minWidth={minWidth} maxHeight={maxHeight} tabIndex={0} role="group" aria-label={label}>
      <Table {...table}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} w={column.width} visibleFrom={column.isSecondary ? 'sm' : undefined} ta={column.isNumeric ? 'right' : undefined}>
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
