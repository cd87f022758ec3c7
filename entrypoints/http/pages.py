"""The few pages that the service itself has: the front door, the problems, the mails of development."""

from html import escape
from typing import Any

import msgspec
from dishka import FromDishka
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from application.ports import Mailbox, Outgoing
from domain.errors import DomainError
from entrypoints.http import messages, problems, scopes
from entrypoints.http.access import public

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #8886; padding-left: 1rem; }
dt { font-weight: 600; } dd { margin: 0 0 .75rem; } .dim { opacity: .7; }
"""
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<path fill="#27604f" d="M4 10 16 3l12 7v13l-12 7L4 23z"/>'
    '<path fill="none" stroke="#fff" stroke-width="2.5" d="m4 10 12 7 12-7M16 17v13"/></svg>'
)
DAY = 86_400


def page(title: str, body: str) -> Response[str]:
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="/favicon.ico">'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
    return Response(html, media_type=MediaType.HTML, headers={"Content-Security-Policy": CSP})


@get("/", access=public, include_in_schema=False)
async def front_door() -> Response[str]:
    links = {
        "/api/products/products/": "Products",
        "/api/docs/": "API documentation (Swagger UI)",
        "/api/docs/redoc/": "API reference (ReDoc)",
        "/api/schema/": "OpenAPI description",
        "/problems/": "Problem codes",
        "/health/": "Health",
    }
    items = "".join(
        f'<li><a href="{path}">{text}</a> <code class="dim">{path}</code></li>' for path, text in links.items()
    )
    return page("Tradepost", f"<p>A commerce backend. It speaks JSON below <code>/api</code>.</p><ul>{items}</ul>")


@get("/favicon.ico", access=public, include_in_schema=False)
async def favicon() -> Response[str]:
    return Response(ICON, media_type="image/svg+xml", headers={"Cache-Control": f"public, max-age={DAY}"})


def codes() -> dict[str, int]:
    """Every problem that can be answered, with its status."""
    told = dict(problems.WIRE_CODES)
    kinds: list[type[DomainError]] = [DomainError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if status := problems.status_of(kind):
            told[kind.code] = status
    return dict(sorted(told.items()))


@get("/problems", access=public, include_in_schema=False)
async def all_problems(request: Request[Any, Any, Any]) -> Response[str]:
    return page(
        "Problem codes", f"<dl>{''.join(_told(request, code, status) for code, status in codes().items())}</dl>"
    )


@get("/problems/{code:str}", access=public, include_in_schema=False)
async def one_problem(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[str]:
    status = codes().get(code)
    if status is None:
        raise problems.BadRequest(404, "not-found")
    return page(code, f"<dl>{_told(request, code, status)}</dl><p><a href='/problems/'>All problem codes</a></p>")


def _told(request: Request[Any, Any, Any], code: str, status: int) -> str:
    language = messages.preferred(scopes.header(request.scope, b"accept-language"))
    return (
        f'<dt id="{code}"><code>{code}</code> <span class="dim">{status}</span></dt>'
        f'<dd lang="{language}">{escape(messages.problem(code, language))}</dd>'
    )


class Mails(msgspec.Struct):
    results: list[Outgoing]


@get("/dev/mail", access=public, include_in_schema=False)
async def mails(request: Request[Any, Any, Any], mailbox: FromDishka[Mailbox]) -> Response[Any]:
    """The mails sent, newest first. Not in production."""
    sent = list(await mailbox.sent())
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    if request.accept.best_match([MediaType.HTML, MediaType.JSON], MediaType.HTML) == MediaType.JSON:
        return Response(Mails(sent), headers=headers)
    shown = page("Mails", "".join(_mail(mail) for mail in sent) or "<p>None yet.</p>")
    shown.headers.update(headers)
    return shown


def _mail(mail: Outgoing) -> str:
    return (
        f"<h2>{escape(mail.subject)}</h2>"
        f'<p class="dim">To {escape(mail.to)} · {mail.sent_at:%Y-%m-%d %H:%M:%S}'
        f" · <code>{escape(mail.message_id)}</code></p>"
        f"<pre>{escape(mail.text)}</pre>"
        f'<details><summary>HTML</summary><iframe sandbox srcdoc="{escape(mail.html)}"></iframe></details>'
    )


routes: list[HTTPRouteHandler] = [front_door, favicon, all_problems, one_problem]
development_routes: list[HTTPRouteHandler] = [mails]
