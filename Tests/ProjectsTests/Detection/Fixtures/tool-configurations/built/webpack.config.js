module.exports = { devServer: { port: 25199 } };
