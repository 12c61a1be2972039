import { Badge, Table, Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { MessageFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { useCodeLabel } from '../../use-code-label.ts'

const COLOURS: Readonly<Record<string, string>> = { QUEUED: 'amber', SENDING: 'amber', SENT: 'pine', DELIVERED: 'pine', FAILED: 'clay', SUPPRESSED: 'clay' }

export function MessageStatusBadge({ status }: { status: string }) {
  const label = useCodeLabel()
  return (
    // Its few words are what the table is for: a narrow column must not cut them.
    <Badge color={COLOURS[status] ?? 'gray'} miw="max-content">
      {label('messageStatus', status)}
    </Badge>
  )
}

/** To whom a message goes. */
export function useRecipient(): (message: MessageFieldsFragment) => string {
  const { t } = useTranslation('messages')
  return ({ client, userName, kind }) => client?.name ?? userName ?? t(kind === 'REQUEST' ? 'log.requester' : 'log.nobody')
}

export function MessageTable({ messages, onOpen }: { messages: readonly MessageFieldsFragment[]; onOpen: (id: string) => void }) {
  const { t } = useTranslation('messages')
  const columns = [
    { label: t('log.column.when'), isSecondary: true },
    { label: t('log.column.recipient') },
    { label: t('log.column.about'), isSecondary: true },
    { label: t('log.column.channel'), isSecondary: true },
    { label: t('log.column.status') },
  ]
  return (
    <DataTable label={t('log.list')} columns={columns} highlightOnHover>
      {messages.map((message) => (
        <Row key={message.id} message={message} onOpen={onOpen} />
      ))}
    </DataTable>
  )
}

function Row({ message, onOpen }: { message: MessageFieldsFragment; onOpen: (id: string) => void }) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const format = useFormat()
  const recipient = useRecipient()(message)
  const { appointment } = message
  const about = [label('messageText', message.templateCode), appointment?.patient.name].filter((part) => part !== undefined).join(' · ')
  return (
    <Table.Tr onClick={() => onOpen(message.id)} style={{ cursor: 'pointer' }}>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {format.dateTime(message.createdAt)}
      </Table.Td>
      <Table.Td>
        <UnstyledButton
          fw={600}
          fz="inherit"
          aria-label={t('log.open', { name: recipient })}
          onClick={(event) => {
            event.stopPropagation()
            onOpen(message.id)
          }}
        >
          {recipient}
        </UnstyledButton>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {about} · {label('messageChannel', message.channel)} · {format.dateTime(message.createdAt)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {about}
        {appointment && (
          <Text size="xs" c="dimmed">
            {format.dateTime(appointment.startsAt)} · {appointment.type.name}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{label('messageChannel', message.channel)}</Table.Td>
      <Table.Td>
        <MessageStatusBadge status={message.status} />
        {message.status === 'QUEUED' && <Text size="xs">{format.dateTime(message.notBefore)}</Text>}
      </Table.Td>
    </Table.Tr>
  )
}
