module.exports = { apps: [
 { name: "web", script: "npm", args: "--prefix web run dev" },
 { name: "api", script: "npm", args: ["run","start","-w","api"] },
 { name: "adm", script: "bash", args: ["-c", "cd admin && npm start"] },
 { name: "x", script: "bash", args: "-c 'cd web2 && npm run dev'" },
 { name: "y", script: "npm --prefix web run dev:two" },
] }