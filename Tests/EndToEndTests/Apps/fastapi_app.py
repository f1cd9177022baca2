from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/")
async def root(request: Request):
    return {"app": "fastapi", "host": request.headers["host"]}
