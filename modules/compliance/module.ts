import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const compliance = defineModule({ name: 'compliance', access, types: () => import('./types.ts') })
