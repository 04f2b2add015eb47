"""Tags for batches of pictures over REST; its description is at /docs.

    SCENES_MODEL=scenes.keras uvicorn api.server:app --port 8700
    curl -s http://127.0.0.1:8700/classify/ -H 'Content-Type: application/json' \
         -d '{"images": ["'$(base64 -w0 photo.jpg)'"]}'
    {"tags":[["Nature","Coast"]]}
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # where `shared` lies

from shared import command, models

from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from .tagging import RequestError, entries, tag_all

if TYPE_CHECKING:
    import keras
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MODEL = Path(os.environ.get("SCENES_MODEL", "scenes.keras"))
# A batch of pictures as base64 is a third longer than its bytes.
BODY = 200 * 2**20
TOO_LARGE = f"The request is larger than {BODY // 2**20} MB"

app = FastAPI(
    title="Camera scenes",
    description="Tags for photographs: one of 36 scenes, or the best two, or Unknown.",
    docs_url=None,
    redoc_url=None,
)
app.openapi_version = "3.0.3"  # newer ones are not read by the Swagger UI that the bundle holds
_predicting = threading.Lock()  # Keras' models promise nothing about threads


class Images(BaseModel):
    """Pictures as base64 texts, bare or as data: URLs."""

    images: list[str]

    model_config = ConfigDict(json_schema_extra={"examples": [{"images": ["/9j/4AAQSkZJRg…"]}]})


class Tags(BaseModel):
    """The tags of each picture, in the order asked."""

    tags: list[list[str]]


class Refused(BaseModel):
    """Why a request was refused; `entry` is the place (from 0) of the picture at fault."""

    detail: str
    entry: int | None = None


@cache
def trained() -> tuple[keras.Model, list[str]]:
    """The model and its labels, read at the first request."""
    return models.load(MODEL)


class Bounded:
    """Refuses a body that is too long: at once where it says so, else when it has grown so far."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what comes."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > BODY:
                raise HTTPException(413, TOO_LARGE)
            return message

        length = dict(scope.get("headers", ())).get(b"content-length", b"0")
        if length.isdigit() and int(length) > BODY:
            await _refusal(TOO_LARGE, 413)(scope, receive, send)
        else:
            await self._app(scope, counted, send)


app.add_middleware(Bounded)


@app.exception_handler(command.CommandError)
async def untrained(_: Request, error: command.CommandError) -> JSONResponse:
    """Answer 503 while there is no trained model."""
    return _refusal(str(error), 503)


@app.exception_handler(RequestError)
async def refused(_: Request, error: RequestError) -> JSONResponse:
    """Answer 400 with the reason, and the entry where one is at fault."""
    return _refusal(str(error), 400, error.entry)


@app.exception_handler(RequestValidationError)
async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
    """A body that is no JSON: 400, where FastAPI's own answer is 422."""
    what = error.errors()[0]["msg"] if error.errors() else "not JSON"
    return _refusal(f"Bad format: {what}", 400)


@app.post(
    "/classify/",
    response_model=Tags,
    responses={400: {"model": Refused}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Images.model_json_schema()}},
        }
    },
)
def classify(body: Annotated[Any, Body()] = None) -> dict[str, Any]:
    """Tag every picture, in the order asked; one bad picture refuses the batch and is named."""
    images = entries(body)
    model, labels = trained()
    with _predicting:
        return {"tags": tag_all(model, labels, images)}


@app.get("/docs", include_in_schema=False)
@app.get("/docs/", include_in_schema=False)
def docs() -> HTMLResponse:
    """FastAPI's own page, from files on this machine where swagger-ui-bundle is installed."""
    from fastapi.openapi.docs import get_swagger_ui_html

    own = {}
    if _swagger_files():
        base = "/docs/files"
        own = {
            "swagger_js_url": f"{base}/swagger-ui-bundle.js",
            "swagger_css_url": f"{base}/swagger-ui.css",
            "swagger_favicon_url": f"{base}/favicon-32x32.png",
        }
    return get_swagger_ui_html(openapi_url="/openapi.json", title=app.title, **own)


def _swagger_files() -> Path | None:
    try:
        from swagger_ui_bundle import swagger_ui_path
    except ImportError:
        return None
    return Path(swagger_ui_path)


def _refusal(detail: str, status: int, entry: int | None = None) -> JSONResponse:
    told = {"detail": detail} if entry is None else {"detail": detail, "entry": entry}
    return JSONResponse(told, status)


if _swagger_files():
    from fastapi.staticfiles import StaticFiles

    app.mount("/docs/files", StaticFiles(directory=_swagger_files()))
