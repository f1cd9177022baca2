import os

from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def index():
    return f"<h1>Weather</h1><p>Sunny at {request.host}</p>"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)), debug=True)
