#!/usr/bin/env node
import { join } from 'node:path'
import { runProgram } from './launch.mjs'

runProgram(join('test', 'faults', 'main.ts'), process.argv.slice(2))
