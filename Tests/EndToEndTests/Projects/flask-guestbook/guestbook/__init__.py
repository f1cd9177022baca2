from flask import Flask, render_template


def create_app():
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="dev")

    @app.get("/")
    def index():
        return render_template("index.html", entries=["Ada was here", "So was Grace"])

    return app
