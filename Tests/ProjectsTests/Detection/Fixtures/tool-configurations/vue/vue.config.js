const { defineConfig } = require('@vue/cli-service')
module.exports = defineConfig({
  transpileDependencies: true,
  devServer: { port: 25102, proxy: { '/api': { target: 'http://localhost:25190' } } },
})
