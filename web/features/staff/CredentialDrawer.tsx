import { Button, Drawer, Group, List, Stack, Text, Title } from '@mantine/core'
import { IconBan, IconEye, IconPencil, IconPlayerPause, IconShieldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { CopyableId } from '../../ui/CopyableId.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { AdverseActions } from './AdverseActions.tsx'
import { Expiry, StandingBadges } from './CredentialBadges.tsx'
import { EditCredential } from './CredentialForm.tsx'
import { RevealCredentialNumber } from './credential-documents.ts'
import { Problem } from './Problem.tsx'
import { StandingForm } from './StandingForm.tsx'
import { useSubmit } from './use-submit.ts'
import { VerifyForm } from './VerifyForm.tsx'

/** One credential: its facts, how it was verified, and what may be done about it. */
export function CredentialDrawer({ credential, onClose }: { credential: CredentialFieldsFragment | null; onClose: () => void }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  return (
    <Drawer
      opened={credential !== null}
      onClose={onClose}
      title={credential === null ? '' : label('credentialType', credential.type)}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {credential !== null && <Credential key={credential.id} credential={credential} />}
    </Drawer>
  )
}

type Doing = 'verify' | 'suspend' | 'revoke' | 'edit'

function Credential({ credential }: { credential: CredentialFieldsFragment }) {
  const [doing, setDoing] = useState<Doing | null>(null)
  const back = () => setDoing(null)
  if (doing === 'verify') return <VerifyForm credential={credential} onClose={back} />
  if (doing === 'edit') return <EditCredential credential={credential} onClose={back} />
  if (doing !== null) return <StandingForm credential={credential} standing={doing} onClose={back} />
  return (
    <Stack gap="lg">
      <CredentialFacts credential={credential} />
      <Reveal key={credential.version} credential={credential} />
      <Actions credential={credential} onChoose={setDoing} />
      <Trail credential={credential} />
      <AdverseActions staffId={credential.staff.id} credentialId={credential.id} />
    </Stack>
  )
}

function CredentialFacts({ credential }: { credential: CredentialFieldsFragment }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const { staff, numberEnding, authority, jurisdiction, issuedOn } = credential
  return (
    <Facts>
      <Fact name={t('credential.state')}>
        <StandingBadges credential={credential} />
      </Fact>
      <Fact name={t('credential.person')}>{staff.name}</Fact>
      <Fact name={t('credential.number')}>••••{numberEnding}</Fact>
      <Fact name={t('credential.authority')}>{authority}</Fact>
      <Fact name={t('credential.jurisdiction')}>{jurisdiction}</Fact>
      <Fact name={t('credential.issuedOn')}>{issuedOn && format.date(issuedOn)}</Fact>
      <Fact name={t('credential.expiresOn')}>
        <Expiry credential={credential} />
      </Fact>
    </Facts>
  )
}

/** The number in full, for whoever may see it: never by opening the page alone, because that it was seen is recorded. */
function Reveal({ credential: { id, staff } }: { credential: CredentialFieldsFragment }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const { staffId } = useViewer()
  const [number, setNumber] = useState<string | null>(null)
  const { submit, problem, isRunning } = useSubmit(RevealCredentialNumber, ({ revealCredentialNumber: made }) =>
    made.__typename === 'CredentialNumber' ? { done: made.number } : { failure: refusal(made) },
  )
  if (!can('credential:manage') && staffId !== staff.id) return null
  if (number !== null)
    return (
      <Text component="div" role="status">
        <strong>{t('credential.fullNumber')}</strong> <CopyableId id={number} name={t('credential.number')} />
      </Text>
    )
  return (
    <div>
      <Button variant="default" leftSection={<IconEye size={16} />} loading={isRunning} onClick={() => void submit({ input: { id } }).then(setNumber)}>
        {t('credential.reveal')}
      </Button>
      <Text size="xs" c="dimmed" mt={4}>
        {t('credential.revealHint')}
      </Text>
      <Problem text={problem} />
    </div>
  )
}

function Actions({ credential: { status, staff }, onChoose }: { credential: CredentialFieldsFragment; onChoose: (doing: Doing) => void }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const { staffId } = useViewer()
  if (!can('credential:manage') || status === 'revoked') return null
  return (
    <Group gap="xs">
      {staffId !== staff.id && (
        <Button leftSection={<IconShieldCheck size={16} />} onClick={() => onChoose('verify')}>
          {t('verify.open')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => onChoose('edit')}>
        {t('credential.edit')}
      </Button>
      {status !== 'suspended' && (
        <Button variant="default" leftSection={<IconPlayerPause size={16} />} onClick={() => onChoose('suspend')}>
          {t('standing.suspend.open')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => onChoose('revoke')}>
        {t('standing.revoke.open')}
      </Button>
    </Group>
  )
}

function Trail({ credential: { verifications } }: { credential: CredentialFieldsFragment }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <section aria-label={t('verify.trail')}>
      <Title order={3} mb={4}>
        {t('verify.trail')}
      </Title>
      {verifications.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('verify.none')}
        </Text>
      ) : (
        <List size="sm">
          {verifications.map(({ id, verifiedAt, method, outcome, note, verifiedBy }) => (
            <List.Item key={id}>
              {label('verificationOutcome', outcome)} · {label('verificationMethod', method)}
              <Text size="xs" c="dimmed">
                {t('by', { when: format.dateTime(verifiedAt), name: verifiedBy?.name ?? t('someone') })}
              </Text>
              {note && <Text size="sm">{note}</Text>}
            </List.Item>
          ))}
        </List>
      )}
    </section>
  )
}
