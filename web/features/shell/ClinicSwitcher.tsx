import { Menu, UnstyledButton } from '@mantine/core'
import { IconBuildingHospital, IconCheck, IconChevronDown } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { chooseClinic } from '../../session/session.ts'
import { useViewer } from '../../session/viewer.ts'
import classes from './Shell.module.css'

/** The active clinic; a menu only for people who work in several. */
export function ClinicSwitcher() {
  const { t } = useTranslation()
  const { clinic, clinics } = useViewer()
  if (clinics.length < 2) {
    return (
      <div className={classes.clinic}>
        <IconBuildingHospital size={17} stroke={1.7} aria-hidden="true" style={{ flex: 'none' }} />
        <span>{clinic.name}</span>
      </div>
    )
  }
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.clinic} aria-label={t('clinic.switch', { name: clinic.name })}>
          <IconBuildingHospital size={17} stroke={1.7} aria-hidden="true" style={{ flex: 'none' }} />
          <span>{clinic.name}</span>
          <IconChevronDown size={15} aria-hidden="true" style={{ flex: 'none' }} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('clinic.label')}</Menu.Label>
        {clinics.map((one) => (
          <Menu.Item
            key={one.id}
            onClick={() => void chooseClinic(one.id)}
            aria-current={one.id === clinic.id}
            rightSection={one.id === clinic.id ? <IconCheck size={15} aria-hidden="true" /> : null}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
