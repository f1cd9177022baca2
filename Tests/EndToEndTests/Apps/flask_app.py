import os

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def root():
    return f"flask at {request.host} by {request.headers['X-Forwarded-Proto']}"


app.run(host=os.environ["HOST"], port=int(os.environ["PORT"]))
