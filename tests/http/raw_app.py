"""The routes of the tests, run by a real server: `python -m tests.http.raw_app PORT HEAD_WITHIN BODY_WITHIN`."""

import sys
from pathlib import Path

from litestar import Litestar

from entrypoints import serve
from entrypoints.http import bounds
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import ROUTES, House, container_of


def create_app() -> Litestar:
    settings = Settings(data_dir=Path.cwd())
    return build_app(settings, container_of(House(), settings), ROUTES)


if __name__ == "__main__":
    port, head_within, bounds.BODY_WITHIN = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    serve.HEAD_WITHIN = head_within
    serve.serve("127.0.0.1", port, 1, app="tests.http.raw_app")
