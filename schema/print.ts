import { writeFile } from 'node:fs/promises'
import { composeSchema, SNAPSHOT } from './index.ts'

/** Writes schema.graphql from the modules. `chiron generate` runs it. */
export async function writeSnapshot(): Promise<void> {
  await writeFile(SNAPSHOT, (await composeSchema()).sdl)
}
