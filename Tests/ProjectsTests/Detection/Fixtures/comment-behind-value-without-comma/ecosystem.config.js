module.exports = {
  apps: [{
    name: 'a',
    script: 'a.js',
    env: {
      PORT: 5570 // the note
    }
  }]
};
