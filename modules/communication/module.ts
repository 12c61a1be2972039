import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const communication = defineModule({ name: 'communication', access, types: () => import('./types.ts').then(() => import('./mutation.types.ts')) })
