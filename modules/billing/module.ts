import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const billing = defineModule({
  name: 'billing',
  access,
  types: () => import('./types.ts').then(() => import('./mutations.types.ts')),
})
