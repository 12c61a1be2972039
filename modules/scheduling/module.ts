import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const scheduling = defineModule({
  name: 'scheduling',
  access,
  types: () =>
    import('./types.ts')
      .then(() => import('./mutation.types.ts'))
      .then(() => import('./slots.types.ts'))
      .then(() => import('./range.types.ts')),
})
