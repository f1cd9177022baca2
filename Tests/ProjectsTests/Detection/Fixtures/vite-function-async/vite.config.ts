import { defineConfig, loadEnv } from 'vite'
import react from '@vitejs/plugin-react'
async function options(isDevelopment: boolean): Promise<{ port: number }> {
  return { port: isDevelopment ? 6902 : 2 }
}
export default defineConfig(async ({ command, mode }) => {
  const env = loadEnv(mode, process.cwd(), '')
  if (command === 'build') {
    return { plugins: [react()] }
  }
  const server = await options(mode === 'development' && process.env.NODE_ENV !== 'production')
  return { plugins: [react()], server: { ...server, host: env.HOST } }
})
