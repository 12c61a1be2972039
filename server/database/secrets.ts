import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCode, firstLine, StartupError } from '../startup-error.ts'

const secretsSchema = z.object({
  adminPassword: z.string().min(20),
  appPassword: z.string().min(20),
  auditorPassword: z.string().min(20),
  sequencerPassword: z.string().min(20),
  tokenSecret: z.string().min(43),
})

export type Secrets = z.infer<typeof secretsSchema>

const OWNER_ONLY = 0o600

/**
 * Creates the data folder when it is missing. Mode 0700; as root 0711, because the database then runs as another system
 * user who must pass through the folder (all that it holds is 0600 or 0700). Throws StartupError when it is not writable.
 */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    await mkdir(dataDir, { recursive: true, mode })
    // A Docker volume or an earlier `mkdir` may have left the folder open to others.
    if (((await stat(dataDir)).mode & 0o777) !== mode) await chmod(dataDir, mode)
    const probe = await open(join(dataDir, '.writable'), 'w', OWNER_ONLY)
    await probe.close()
  } catch (error) {
    const reason = errorCode(error) ?? firstLine(error)
    throw new StartupError(`The data folder ${dataDir} is not writable (${reason}): set CHIRON_DATA to a folder that this user owns, or correct its owner.`, {
      cause: error,
    })
  }
}

/** The secrets of the embedded default, generated on first use into `<dataDir>/secrets.json`, mode 0600. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  return (await findSecrets(dataDir)) ?? (await createSecrets(dataDir))
}

/** As `loadSecrets`, but null when there are none yet. */
export async function findSecrets(dataDir: string): Promise<Secrets | null> {
  const path = join(dataDir, 'secrets.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new StartupError(`Cannot read ${path} (${errorCode(error)}): make it readable for the user that runs Chiron.`)
  }
  const parsed = secretsSchema.safeParse(parseJson(text))
  if (!parsed.success) throw new StartupError(`${path} is damaged: restore it from your backup; the database cannot be opened without it.`)
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY)
  return parsed.data
}

async function createSecrets(dataDir: string): Promise<Secrets> {
  const password = () => randomBytes(24).toString('base64url')
  const secrets: Secrets = {
    adminPassword: password(),
    appPassword: password(),
    auditorPassword: password(),
    sequencerPassword: password(),
    tokenSecret: randomBytes(32).toString('base64url'),
  }
  // 'wx' so that two processes starting at once cannot each believe in passwords of their own.
  const file = await open(join(dataDir, 'secrets.json'), 'wx', OWNER_ONLY)
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return secrets
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
