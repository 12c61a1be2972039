// The sequencer's process: gets its settings from the parent, ends with it. Started by child.ts.
import { runSequencerProcess } from './run-process.ts'

process.exit(await runSequencerProcess(process))
