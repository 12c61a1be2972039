import { runCli } from './cli/run.ts'

// Nothing may keep the process alive once its command has ended, such as an idle connection of a library.
process.exit(await runCli(process.argv.slice(2)))
