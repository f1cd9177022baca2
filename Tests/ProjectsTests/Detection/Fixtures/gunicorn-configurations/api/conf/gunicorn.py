bind: str = '127.0.0.1:25202'
loglevel = 'info'
