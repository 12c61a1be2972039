// Nobody asks whether the caller may.
import { cutWhileLoading, RBAC_CUTS } from './guard-cuts.ts'

cutWhileLoading(RBAC_CUTS)
