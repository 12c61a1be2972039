import { Button, Table } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconTool } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { MaintenanceFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { MaintenanceDocument, MaintenanceFields, RemoveMaintenance } from './closing-documents.ts'
import { MaintainDrawer } from './MaintainDrawer.tsx'
import { RemoveDialog } from './RemoveDialog.tsx'
import { useClosedTimeText } from './use-closed-time.ts'

const nameOf = ({ room, equipmentName }: MaintenanceFieldsFragment): string => room?.name ?? equipmentName ?? ''

/** When rooms and equipment are out of use in a year. */
export function Maintenance({ year }: { year: number }) {
  const { t } = useTranslation('settings')
  const can = useCan()
  const [isAdding, adding] = useDisclosure(false)
  const [removing, setRemoving] = useState<MaintenanceFieldsFragment | null>(null)
  const [result, retry] = useLiveQuery(['ResourceBlock'], { query: MaintenanceDocument, variables: { from: `${year}-01-01`, until: `${year}-12-31` } })
  const isManager = can('schedule:manage')
  const add = isManager && (
    <Button size="xs" leftSection={<IconTool size={16} />} onClick={adding.open}>
      {t('maintenance.add')}
    </Button>
  )
  const columns = [{ label: t('maintenance.what') }, { label: t('maintenance.when') }]
  return (
    <Section title={t('maintenance.title', { year })} aside={add}>
      <QueryView result={result} onRetry={retry} skeletonHeight={90}>
        {({ maintenanceWindows }) =>
          maintenanceWindows.length === 0 ? (
            <StateMessage icon={<IconTool size={34} stroke={1.5} />} title={t('maintenance.empty')}>
              {t('maintenance.emptyText')}
            </StateMessage>
          ) : (
            <DataTable label={t('maintenance.title', { year })} columns={columns}>
              {maintenanceWindows.map((masked) => {
                const window = readFragment(MaintenanceFields, masked)
                return <Row key={window.id} window={window} onRemove={isManager ? () => setRemoving(window) : null} />
              })}
            </DataTable>
          )
        }
      </QueryView>
      <MaintainDrawer isOpen={isAdding} onClose={adding.close} />
      <RemoveMaintenanceDialog window={removing} onClose={() => setRemoving(null)} />
    </Section>
  )
}

function Row({ window, onRemove }: { window: MaintenanceFieldsFragment; onRemove: (() => void) | null }) {
  const { t } = useTranslation('settings')
  const when = useClosedTimeText()(window)
  return (
    <Table.Tr>
      <Table.Td>
        {nameOf(window)}
        {window.title !== null && ` · ${window.title}`}
      </Table.Td>
      <Table.Td>
        {when}
        {onRemove !== null && (
          <div>
            <Button
              variant="subtle"
              color="clay"
              size="compact-xs"
              px={0}
              aria-label={t('maintenance.removeFor', { name: nameOf(window), when })}
              onClick={onRemove}
            >
              {t('maintenance.remove')}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function RemoveMaintenanceDialog({ window, onClose }: { window: MaintenanceFieldsFragment | null; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const textOf = useFailureText()
  const whenOf = useClosedTimeText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RemoveMaintenance, (data) => data.removeMaintenance)

  function close() {
    setProblem(null)
    onClose()
  }

  async function remove() {
    if (window === null) return
    const { payload, failure } = await run({ input: { id: window.id } })
    if (payload?.__typename !== 'OpenedTime') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('maintenance.removed') })
    close()
  }

  return (
    <RemoveDialog
      title={t('maintenance.removeTitle')}
      text={window && t('maintenance.removeText', { name: nameOf(window), when: whenOf(window) })}
      submit={t('maintenance.removeSubmit')}
      problem={problem}
      isRunning={isRunning}
      onSubmit={() => void remove()}
      onClose={close}
    />
  )
}
