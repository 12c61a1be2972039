import type { Task } from '../sequencer/sequencer.ts'
import { encryptOneByOne, encryptPending, takeUpAgain } from './encrypt.ts'
import type { KeyRing } from './key-ring.ts'
import { assertMasterKeys } from './rotation.ts'

const IMAGES_A_STEP = 1_000

/**
 * The leader's task that encrypts what waits in clear. Without the old master key it encrypts nothing, because a new one would take its place
 * in silence; a batch that fails is done one by one.
 */
export function createImageTask(keys: KeyRing): Task {
  let isReady = false
  return {
    name: 'images',
    everyMs: 250,
    run: async ({ client, log }) => {
      if (!isReady) {
        await assertMasterKeys(client, keys.wrapper)
        await takeUpAgain(client)
        isReady = true
      }
      try {
        return (await encryptPending(client, keys, IMAGES_A_STEP)) === IMAGES_A_STEP
      } catch (error) {
        log.error({ err: error }, 'a batch of images could not be encrypted: each is tried alone')
        return (await encryptOneByOne(client, keys, IMAGES_A_STEP)) === IMAGES_A_STEP
      }
    },
  }
}
