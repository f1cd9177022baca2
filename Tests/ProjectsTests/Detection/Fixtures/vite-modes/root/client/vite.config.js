export default { server: { port: 25304 } }
