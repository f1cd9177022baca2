import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from app.routers import tasks

app = FastAPI(title="Tasks")
app.include_router(tasks.router)


@app.get("/", response_class=HTMLResponse)
async def index(request: Request):
    return f"<h1>Tasks</h1><p>{len(tasks.ALL)} open at {request.headers['host']}</p>"


if __name__ == "__main__":
    uvicorn.run("app.main:app", host="127.0.0.1", port=8438, reload=True)
