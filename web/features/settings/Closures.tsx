import { Button, Table } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarOff, IconDoorOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { ClosureFieldsFragment } from '../../gql/graphql.ts'
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
import { CloseDrawer } from './CloseDrawer.tsx'
import { ClosureFields, ClosuresDocument, RemoveClosure } from './closing-documents.ts'
import { Holidays } from './Holidays.tsx'
import { RemoveDialog } from './RemoveDialog.tsx'
import { useClosedTimeText } from './use-closed-time.ts'

/** When the clinic is closed in a year, and the public holidays of it. */
export function Closures({ year }: { year: number }) {
  const { t } = useTranslation('settings')
  const can = useCan()
  const [isClosing, closing] = useDisclosure(false)
  const [removing, setRemoving] = useState<ClosureFieldsFragment | null>(null)
  const [result, retry] = useLiveQuery(['ResourceBlock'], { query: ClosuresDocument, variables: { from: `${year}-01-01`, until: `${year}-12-31`, year } })
  const isManager = can('schedule:manage')
  const add = isManager && (
    <Button size="xs" leftSection={<IconDoorOff size={16} />} onClick={closing.open}>
      {t('closure.add')}
    </Button>
  )
  return (
    <>
      <Section title={t('closure.title', { year })} aside={add}>
        <QueryView result={result} onRetry={retry} skeletonHeight={90}>
          {({ closures }) =>
            closures.length === 0 ? (
              <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('closure.empty')}>
                {t('closure.emptyText')}
              </StateMessage>
            ) : (
              <DataTable label={t('closure.title', { year })} columns={[{ label: t('closure.when') }, { label: t('closure.reason') }]}>
                {closures.map((masked) => {
                  const closure = readFragment(ClosureFields, masked)
                  return <Row key={closure.id} closure={closure} onRemove={isManager ? () => setRemoving(closure) : null} />
                })}
              </DataTable>
            )
          }
        </QueryView>
      </Section>
      <Section title={t('holiday.title', { year })}>
        <QueryView result={result} onRetry={retry} skeletonHeight={90}>
          {({ publicHolidays }) => <Holidays holidays={publicHolidays} year={year} isManager={isManager} />}
        </QueryView>
      </Section>
      <CloseDrawer isOpen={isClosing} onClose={closing.close} />
      <RemoveClosureDialog closure={removing} onClose={() => setRemoving(null)} />
    </>
  )
}

function Row({ closure, onRemove }: { closure: ClosureFieldsFragment; onRemove: (() => void) | null }) {
  const { t } = useTranslation('settings')
  const textOf = useClosedTimeText()
  const when = textOf(closure)
  return (
    <Table.Tr>
      <Table.Td>{when}</Table.Td>
      <Table.Td>
        {closure.title}
        {onRemove !== null && (
          <div>
            <Button variant="subtle" color="clay" size="compact-xs" px={0} aria-label={t('closure.removeFor', { when })} onClick={onRemove}>
              {t('closure.remove')}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function RemoveClosureDialog({ closure, onClose }: { closure: ClosureFieldsFragment | null; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const textOf = useFailureText()
  const whenOf = useClosedTimeText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RemoveClosure, (data) => data.removeClosure)

  function close() {
    setProblem(null)
    onClose()
  }

  async function remove() {
    if (closure === null) return
    const { payload, failure } = await run({ input: { id: closure.id } })
    if (payload?.__typename !== 'OpenedTime') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('closure.removed') })
    close()
  }

  return (
    <RemoveDialog
      title={t('closure.removeTitle')}
      text={closure && t('closure.removeText', { when: whenOf(closure), title: closure.title ?? '' })}
      submit={t('closure.removeSubmit')}
      problem={problem}
      isRunning={isRunning}
      onSubmit={() => void remove()}
      onClose={close}
    />
  )
}
