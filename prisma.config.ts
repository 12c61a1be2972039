import { defineConfig } from 'prisma/config'

// `prisma generate` insists on finding a native schema engine, which it would download and never run here: migrations go
// through the WASM engine. Any existing executable satisfies the check, and this one always exists.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
})
