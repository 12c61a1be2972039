import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The command line reads the default export.
export default defineConfig({
  root: 'web',
  publicDir: 'public',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // The content security policy allows no data: fonts or scripts, so that every asset is a file.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
})
