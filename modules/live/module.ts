import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const live = defineModule({ name: 'live', access, types: () => import('./types.ts') })
