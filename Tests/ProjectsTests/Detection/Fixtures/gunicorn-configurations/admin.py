import os

bind = f"0.0.0.0:{os.environ['ADMIN_PORT']}"
