import base from './base.js'
import { mergeConfig } from 'vite'
export default mergeConfig(base, { server: { strictPort: true } })
