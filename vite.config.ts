import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { inlineDocuments } from './web/codegen/inline-documents.ts'

// The command line reads the default export.
export default defineConfig({
  root: 'web',
  publicDir: 'public',
  plugins: [inlineDocuments(), react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // The content security policy allows no data: fonts or scripts, so that every asset is a file.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    // What the first page needs comes in one file, and what pages share in a few: most would otherwise be smaller than the request for them.
    rolldownOptions: {
      output: {
        // Names of all that share a file would make its own.
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'] },
            { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 30_000 },
          ],
        },
      },
    },
  },
})
