import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const compliance = defineModule({
  name: 'compliance',
  access,
  types: () =>
    import('./types.ts')
      .then(() => import('./log.types.ts'))
      .then(() => import('./exports.types.ts'))
      .then(() => import('./changes.types.ts')),
})
