"""The catalogue on the wire."""

from entrypoints.http.catalog import categories, exports, images, imports, reading, variants, writing

routes = [
    *reading.routes,
    *writing.routes,
    *categories.routes,
    *variants.routes,
    *images.routes,
    *imports.routes,
    *exports.routes,
]
