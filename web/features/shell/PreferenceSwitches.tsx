import type { MantineColorScheme } from '@mantine/core'
import { ActionIcon, Button, Menu, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../i18n.ts'
import { chooseLanguage, LANGUAGES } from '../../i18n.ts'
import { SetLocale } from '../../session/session-documents.ts'
import { useCommand } from '../../use-command.ts'

const NAMES: Record<Language, string> = { 'es-MX': 'Español (México)', en: 'English' }

/** Switches the texts at once and remembers the choice with the account. */
export function LanguageSwitch() {
  const { run } = useCommand(SetLocale, (data) => data.setLocale)
  return <LanguageMenu onChoose={(locale) => void run({ input: { locale } })} />
}

export function LanguageMenu({ onChoose }: { onChoose?: (language: Language) => void }) {
  const { t, i18n } = useTranslation()
  const choose = async (language: Language) => {
    await chooseLanguage(language)
    onChoose?.(language)
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" px={8} h={34}>
          {i18n.language.slice(0, 2).toUpperCase()}
          <span className="visually-hidden">: {t('language.switch')}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            onClick={() => void choose(language)}
            rightSection={language === i18n.language ? <IconCheck size={15} aria-hidden="true" /> : null}
          >
            {NAMES[language]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

const SCHEMES = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const satisfies readonly { value: MantineColorScheme; icon: unknown }[]

export function ThemeSwitch() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Current = SCHEMES.find((scheme) => scheme.value === colorScheme)?.icon ?? IconSun
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={34} aria-label={t('theme.switch')}>
          <Current size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} aria-hidden="true" />}
            onClick={() => setColorScheme(value)}
            rightSection={value === colorScheme ? <IconCheck size={15} aria-hidden="true" /> : null}
          >
            {t(`theme.${value}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
