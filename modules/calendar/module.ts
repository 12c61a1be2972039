import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const calendar = defineModule({ name: 'calendar', access, types: () => import('./types.ts') })
