import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "insecure")
DEBUG = False
INSTALLED_APPS = ["django.contrib.staticfiles"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "config.urls"
STATIC_URL = "static/"
USE_TZ = True
