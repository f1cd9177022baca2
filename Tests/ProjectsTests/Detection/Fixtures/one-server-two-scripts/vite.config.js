export default { server: { port: 24901 } };
