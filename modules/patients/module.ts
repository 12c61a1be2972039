import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const patients = defineModule({ name: 'patients', access, types: () => import('./types.ts') })
