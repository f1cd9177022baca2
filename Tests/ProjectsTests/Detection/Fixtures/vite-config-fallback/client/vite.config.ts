import { defineConfig, loadEnv } from 'vite'
import react from '@vitejs/plugin-react'

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), '')
  return {
    plugins: [react()],
    server: {
      // what the browser opens
      port: Number(env.VITE_PORT) || 5571,
      proxy: { '/api': { target: 'http://localhost:5570' } },
    },
    preview: { port: 4173 },
  }
})
