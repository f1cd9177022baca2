import multiprocessing

bind = "0.0.0.0:25201"  # behind nginx
workers = multiprocessing.cpu_count() * 2 + 1
worker_class = 'gevent'
