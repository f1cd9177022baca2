import { defineConfig } from 'vite'
import { isLocal } from '@company/tools'
export default defineConfig(() => {
  if (isLocal()) return { server: { port: 6904, open: true } }
  return { server: { port: 6905, open: true } }
})
