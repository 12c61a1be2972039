#!/usr/bin/env node
import { runChiron } from './launch.mjs'

runChiron(process.argv.slice(2))
