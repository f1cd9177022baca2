from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI(title="Quotes")


@app.get("/", response_class=HTMLResponse)
async def index():
    return "<h1>Quotes</h1><blockquote>Simple is better than complex.</blockquote>"
