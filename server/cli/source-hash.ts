import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../startup-error.ts'

export type HashOptions = {
  root: string
  /** Files or folders, relative to the root; missing ones count as missing. */
  paths: readonly string[]
  /** Paths (files or folders) below them that do not count. */
  except?: readonly string[]
}

/** SHA-256 over the names and contents of these files, in hex: equal exactly when nothing was changed, added or removed. */
export async function hashSources({ root, paths, except = [] }: HashOptions): Promise<string> {
  const hash = createHash('sha256')
  const files = (await Promise.all(paths.map((path) => listFiles(root, path, except)))).flat().sort()
  for (const file of files) {
    const content = await readFile(join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

async function listFiles(root: string, path: string, except: readonly string[]): Promise<string[]> {
  if (except.includes(path)) return []
  try {
    const entries = await readdir(join(root, path), { withFileTypes: true })
    const below = entries.map((entry) => (entry.isDirectory() || entry.isFile() ? listFiles(root, `${path}/${entry.name}`, except) : []))
    return (await Promise.all(below)).flat()
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return [path]
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
