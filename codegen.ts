import { createHash } from 'node:crypto'
import type { CodegenConfig } from '@graphql-codegen/cli'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

const scalars = {
  DateTime: 'string',
  LocalDate: 'string',
  LocalTime: 'string',
  UUID: 'string',
  Decimal: 'string',
  MinorUnits: 'string',
}

/** Bare hex, as the persisted-query extension carries it; the preset's own algorithms put their name in front. */
function sha256Hex(operation: string): string {
  return createHash('sha256').update(operation).digest('hex')
}

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: ['web/**/*.tsx', 'web/**/*.ts', '!web/gql/**'],
  generates: {
    'web/gql/': {
      preset: 'client',
      // The server runs the manifest's text, not the client's: the type names that the cache needs must be in it.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'readFragment' },
        persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'sha256Hash', hashAlgorithm: sha256Hex },
      },
      config: {
        scalars,
        strictScalars: true,
        useTypeImports: true,
        enumsAsTypes: true,
        avoidOptionals: { field: true, inputValue: false },
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
    'web/gql/possible-types.ts': { plugins: ['./web/codegen/possible-types.ts'] },
  },
}

// The command line reads the default export.
export default config
