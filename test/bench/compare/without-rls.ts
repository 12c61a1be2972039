// No statement carries a scope; the login is one that row-level security does not bind.
import { cutWhileLoading, RLS_CUTS } from './guard-cuts.ts'

cutWhileLoading(RLS_CUTS)
