import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const inventory = defineModule({ name: 'inventory', access, types: () => import('./types.ts').then(() => import('./mutations.types.ts')) })
