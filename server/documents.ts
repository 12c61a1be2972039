import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { DocumentStore } from './graphql-pipeline.ts'

const MANIFEST = new URL('../web/gql/persisted-documents.json', import.meta.url)

/** The documents of the built web client, by SHA-256. Without a build there are none. */
export async function loadDocuments(manifest: URL = MANIFEST): Promise<DocumentStore> {
  const text = await readFile(manifest, 'utf8').catch(() => '{}')
  const documents = new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text))))
  return { find: (hash) => documents.get(hash) ?? null }
}
