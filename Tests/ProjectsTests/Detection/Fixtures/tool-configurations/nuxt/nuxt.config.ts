export default defineNuxtConfig({
  devtools: { enabled: true },
  devServer: { port: 25106 },
})
