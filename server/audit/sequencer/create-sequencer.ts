import type { Log } from '../../log.ts'
import { createAnchorTask } from '../anchors/anchor-task.ts'
import { createImageTask } from '../images/image-task.ts'
import { KeyRing } from '../images/key-ring.ts'
import { LocalKeyWrapper } from '../images/key-wrapper.ts'
import { rewrapClinicKeys } from '../images/rotation.ts'
import { indexStep } from '../indexer.ts'
import { Sequencer, type Task } from './sequencer.ts'
import type { SequencerSettings } from './settings.ts'
import { loadSigningSeed } from './signing-key.ts'
import { UPKEEP_TASKS } from './tasks.ts'
import { createVerificationTask } from './verification-task.ts'

const SECOND = 1_000
const INDEXED_A_STEP = 5_000

/** The sequencer of an installation, with every task of the leader. Throws StartupError for a signing key that is damaged. */
export async function createSequencer({ url, audit, masterKeys }: SequencerSettings, log: Log): Promise<Sequencer> {
  const seed = await loadSigningSeed(audit.signingKeyFile)
  const keys = new KeyRing(new LocalKeyWrapper(masterKeys))
  const tasks: Task[] = [
    createImageTask(keys),
    { name: 'rotation', everyMs: 60 * SECOND, run: async ({ client }) => (await rewrapClinicKeys(client, keys.wrapper)) > 0 },
    { name: 'index', everyMs: 5 * SECOND, run: async ({ client }) => !(await indexStep(client, INDEXED_A_STEP)).isCaughtUp },
    createAnchorTask({ file: audit.anchorFile, witnesses: audit.witnesses, mail: audit.mail }),
    createVerificationTask(url, audit.anchorFile),
    ...UPKEEP_TASKS,
  ]
  return new Sequencer({ url, seed, tasks, log })
}
