export default { server: { port: 25303 } }
