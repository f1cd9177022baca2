export default { server: { port: 25396 } }
