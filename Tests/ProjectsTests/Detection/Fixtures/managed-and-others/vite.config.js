export default { server: { port: 21513 } }
