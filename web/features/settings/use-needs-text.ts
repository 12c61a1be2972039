import { useTranslation } from 'react-i18next'

import type { TypeFieldsFragment } from '../../gql/graphql.ts'
import { useCodeLabel } from '../../use-code-label.ts'

type Needs = Pick<TypeFieldsFragment, 'positions' | 'roomKinds' | 'equipmentKinds'>

/** Whom, where and what a visit needs, in one line. */
export function useNeedsText(): (needs: Needs) => string {
  const { t, i18n } = useTranslation('settings')
  const label = useCodeLabel()
  return ({ positions, roomKinds, equipmentKinds }) => {
    const either = new Intl.ListFormat(i18n.language, { type: 'disjunction' })
    const both = new Intl.ListFormat(i18n.language, { type: 'conjunction' })
    const parts = [
      either.format(positions.map((one) => label('position', one))),
      either.format(roomKinds.map((one) => label('roomKind', one))),
      both.format(equipmentKinds.map((one) => label('equipmentKind', one))),
    ].filter((part) => part !== '')
    return parts.length === 0 ? t('type.noNeeds') : parts.join(' · ')
  }
}
