const HtmlWebpackPlugin = require('html-webpack-plugin');

module.exports = (env, argv) => {
  const isDevelopment = argv.mode === 'development';
  return {
    plugins: [new HtmlWebpackPlugin({ template: './index.html' })],
    devServer: { port: isDevelopment ? 25104 : 1 },
  };
};
