"""Descriptions from elsewhere: what they need stays, what runs or loads goes."""

import pytest

from adapters.html.sanitising import sanitise


@pytest.mark.parametrize(
    "html",
    [
        "<p>A <strong>lamp</strong>, <em>brass</em>.</p>",
        "<ul><li>One</li><li>Two</li></ul>",
        "<table><tbody><tr><td>Ø</td><td>12 cm</td></tr></tbody></table>",
        "plain text, 5 &lt; 6 &amp; more",
        "",
    ],
)
def test_what_a_description_needs_is_kept(html: str) -> None:
    assert sanitise(html) == html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>Hi", "Hi"),
        ("<p onclick='x()' style='color:red' class='a'>Hi</p>", "<p>Hi</p>"),
        ("<a href='javascript:x()'>Hi</a>", '<a rel="noopener noreferrer">Hi</a>'),
        ("<a href='https://a.example'>Hi</a>", '<a href="https://a.example" rel="noopener noreferrer">Hi</a>'),
        ("<a href='data:text/html,x'>Hi</a>", '<a rel="noopener noreferrer">Hi</a>'),
        ("<img src=x onerror=alert(1)>Hi", "Hi"),
        ("<iframe src='https://a.example'></iframe>Hi", "Hi"),
        ("<svg><script>alert(1)</script></svg>Hi", "Hi"),
        ("<style>p{}</style><form><input></form>Hi", "Hi"),
        ("<!-- a comment -->Hi", "Hi"),
        ("<p>never closed", "<p>never closed</p>"),
        ("<<script>script>alert(1)</script>", "&lt;"),
    ],
)
def test_what_runs_or_loads_is_taken_out(html: str, left: str) -> None:
    assert sanitise(html) == left
    assert sanitise(left) == left
