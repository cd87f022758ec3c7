"""The catalogue on the wire."""

from entrypoints.http.catalog import images, reading, writing

routes = [*reading.routes, *writing.routes, *images.routes]
