#!/usr/bin/env node
import { runChiron } from './launch.mjs'

runChiron(['start', ...process.argv.slice(2)])
