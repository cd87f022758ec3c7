"""The catalogue on the wire."""

from entrypoints.http.catalog import reading, writing

routes = [*reading.routes, *writing.routes]
