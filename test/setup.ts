import fc from 'fast-check'
import { PURE_RUNS } from './effort.ts'

// Runs before each test file, so that no property states a number of its own unless a case of it is expensive.
fc.configureGlobal({ numRuns: PURE_RUNS })
