"""Papers as HTML: nothing but text and a few lines of style, so that any browser prints them."""

from html import escape

from application.papers import Paper

STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 2px solid #111; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: .9rem; margin: 0; }
section { display: flex; gap: 3rem; margin: 1.5rem 0; }
address { font-style: normal; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; margin: 0; align-content: start; }
dt { color: #555; } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; } th { text-align: left; border-bottom: 1px solid #111; }
td, th { padding: .25rem .5rem; vertical-align: top; overflow-wrap: break-word; } tr { break-inside: avoid; }
.n { text-align: right; white-space: nowrap; } table.sums { width: auto; margin: 1rem 0 0 auto; }
table.sums tr:last-child { font-weight: 700; border-top: 1px solid #111; } .notes { white-space: pre-wrap; }
@media print { body { margin: 0; max-width: none; } }
"""


def page(paper: Paper) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in paper.facts)
    addresses = "".join(
        f"<div><h2>{escape(name)}</h2><address>{'<br>'.join(map(escape, lines))}</address></div>"
        for name, lines in paper.addresses
    )
    title = f"{paper.title} {paper.number}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<header><h1>{escape(title)}</h1><strong>{escape(paper.shop)}</strong></header>"
        f"<section>{addresses}<dl>{facts}</dl></section>{_table(paper)}{_sums(paper)}{_notes(paper)}</html>"
    )


def _table(paper: Paper) -> str:
    head = "".join(_cell("th", n, text, paper) for n, text in enumerate(paper.columns))
    rows = ("".join(_cell("td", n, text, paper) for n, text in enumerate(row)) for row in paper.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(tag: str, column: int, text: str, paper: Paper) -> str:
    side = ' class="n"' if column in paper.numeric else ""
    return f"<{tag}{side}>{escape(text)}</{tag}>"


def _sums(paper: Paper) -> str:
    rows = "".join(f'<tr><td>{escape(name)}</td><td class="n">{escape(value)}</td></tr>' for name, value in paper.sums)
    return f'<table class="sums">{rows}</table>' if rows else ""


def _notes(paper: Paper) -> str:
    return f'<h2>Notes</h2><p class="notes">{escape(paper.notes)}</p>' if paper.notes else ""
