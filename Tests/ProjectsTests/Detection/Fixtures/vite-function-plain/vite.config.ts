import { defineConfig, type ConfigEnv, type UserConfig } from 'vite'
export default ({ mode, command }: ConfigEnv): UserConfig =>
  defineConfig({ define: { m: JSON.stringify(mode) }, server: { port: command === 'serve' ? 6901 : 1 } })
