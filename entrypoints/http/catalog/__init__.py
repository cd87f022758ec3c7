"""The catalogue on the wire."""

from entrypoints.http.catalog import categories, exports, images, imports, reading, search, variants, writing

routes = [
    *reading.routes,
    *search.routes,
    *writing.routes,
    *categories.routes,
    *variants.routes,
    *images.routes,
    *imports.routes,
    *exports.routes,
]
