import sys
import time

print("sweeping", sys.argv[2], flush=True)
while True:
    time.sleep(3600)
