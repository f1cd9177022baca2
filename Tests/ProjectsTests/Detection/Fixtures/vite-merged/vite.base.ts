export default function base({ mode }) {
  const config: Record<string, unknown> = { server: { host: mode } }
  config.base = '/'
  return config
}
