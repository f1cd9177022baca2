import { mergeConfig, defineConfig } from 'vite'
import base from './vite.base'
export default defineConfig((env) => mergeConfig(base(env), { server: { port: 6903 } }))
