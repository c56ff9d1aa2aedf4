"""The Markdown of messages: a subset of CommonMark that mail programs show well.

    paragraphs, line breaks, **bold**, *italic*, lists, > quotes, headings, --- lines
    [text](https://…)              a link; alone in its paragraph, a button; an address in the text is a link too
    ![description](https://…)      an image

HTML in a message is text. A line break is a line break. Links lead to the web, a mailbox or a phone, images to https.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

RULES = (
    *("paragraph", "heading", "list", "blockquote", "hr", "newline", "escape"),
    *("emphasis", "link", "image", "linkify"),
)
STYLES: Mapping[str, str] = {
    "p": "margin:0 0 16px",
    "h1": "margin:0 0 16px;font-size:24px;line-height:1.3",
    "h2": "margin:0 0 12px;font-size:20px;line-height:1.3",
    "h3": "margin:0 0 12px;font-size:17px;line-height:1.3",
    "ul": "margin:0 0 16px;padding-left:24px",
    "ol": "margin:0 0 16px;padding-left:24px",
    "li": "margin:0 0 4px",
    "blockquote": "margin:0 0 16px;padding-left:12px;border-left:3px solid #b8b8b8",
    "hr": "border:0;border-top:1px solid #b8b8b8;margin:24px 0",
    "img": "max-width:100%;height:auto;border:0;border-radius:6px",
}
"""Mail programs drop style sheets, so each element has its style."""
EMPTY_BOLD = re.compile(r"(?<![*\\])\*{4}(?!\*)")
ChangeLink = Callable[[str], str]
TAGS = {*STYLES, "h4", "h5", "h6", "a", "strong", "em", "br"}
ATTRIBUTES = {"a": {"href", "class", "style"}, "img": {"src", "alt", "style"}, "*": {"style"}}
SCHEMES = {"http", "https", "mailto", "tel"}


def to_html(markdown: str, *, accent: str = "#1f5fd0", change_link: ChangeLink = str) -> str:
    """The HTML of a message. `accent` is the colour of links and buttons, as `#rrggbb`.

    `change_link` takes the address of each link and returns the one to write.
    """
    html: str = _parser().render(_without_empty_bold(markdown), {"accent": accent, "change_link": change_link})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def to_text(markdown: str, *, change_link: ChangeLink = str) -> str:
    """The message without the signs of Markdown: a link is shown as `text: address`, an image by its description."""
    blocks = _parser().parse(_without_empty_bold(markdown))
    return "\n".join(line.rstrip() for line in _text_of(blocks, change_link).strip().splitlines())


def find_links(markdown: str) -> list[str]:
    """The addresses of the links to the web, each once, in their order."""
    tokens = [token for block in _parser().parse(markdown) for token in block.children or []]
    addresses = [str(token.attrGet("href") or "") for token in tokens if token.type == "link_open"]
    return list(dict.fromkeys(address for address in addresses if address.startswith(("http://", "https://"))))


def _without_empty_bold(markdown: str) -> str:
    """Without the stars around a field that has no value, which people would read, or see as a line."""
    return EMPTY_BOLD.sub("", markdown)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True, "html": False, "linkify": True}, renderer_cls=MailRenderer)
    parser.inline.ruler.at("emphasis", _tokenize_emphasis)
    return parser.enable([*RULES])


def _tokenize_emphasis(state: StateInline, silent: bool) -> bool:
    """As the library's rule, but a star between letters or digits is a star: `2*500g` are two of 500 g."""
    marker = state.src[state.pos]
    if silent or marker not in {"_", "*"}:
        return False
    scanned = state.scanDelims(state.pos, canSplitWord=False)
    for _ in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        opens, closes = scanned.can_open, scanned.can_close
        state.delimiters.append(Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, -1, opens, closes))
    state.pos += scanned.length
    return True


class MailRenderer(RendererHTML):
    """Gives each element its own style, and shows a link that is alone in its paragraph as a button."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        token = tokens[idx]
        if token.nesting >= 0 and token.tag in STYLES:
            token.attrSet("style", STYLES[token.tag])
        return super().renderToken(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """The start of a link or a button, in the colour of the deployment."""
        accent = env.get("accent", "#1f5fd0")
        change_link: ChangeLink = env.get("change_link", str)
        href = escape(change_link(str(tokens[idx].attrGet("href") or "")))
        if not _is_button(tokens):
            return f'<a href="{href}" style="color:{accent}">'
        style = (
            f"display:inline-block;padding:12px 22px;border-radius:6px;background:{accent};color:#ffffff;"
            "text-decoration:none;font-weight:600"
        )
        return f'<a href="{href}" class="button" style="{style}">'

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """Only an image that is fetched over https; of another one, its description."""
        token = tokens[idx]
        description, source = escape(token.content), str(token.attrGet("src") or "")
        if not source.startswith("https://"):
            return description
        return f'<img src="{escape(source)}" alt="{description}" style="{STYLES["img"]}">'


def _is_button(tokens: Sequence[Token]) -> bool:
    """Whether the paragraph has nothing but one link with a text of its own."""
    is_one_link = tokens[0].type == "link_open" and tokens[-1].type == "link_close"
    return (
        is_one_link
        and sum(token.type == "link_open" for token in tokens) == 1
        and not any(token.type == "image" or token.markup == "linkify" for token in tokens)
    )


def _text_of(blocks: Sequence[Token], change_link: ChangeLink) -> str:
    """The text of block tokens: a line before each block, bullets and numbers before items."""
    parts: list[str] = []
    lists: list[tuple[str, int]] = []  # the kind of each open list, and the number of its next item
    for token in blocks:
        match token.type:
            case "bullet_list_open":
                lists.append(("-", 0))
            case "ordered_list_open":
                lists.append((".", int(token.attrGet("start") or 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                parts.append("\n" if not lists else "")
            case "list_item_open":
                kind, number = lists[-1]
                parts.append(f"{'  ' * (len(lists) - 1)}{'-' if kind == '-' else f'{number}.'} ")
                lists[-1] = (kind, number + 1)
            case "inline":
                parts.append(_inline_text(token.children or [], change_link))
            case "paragraph_close" | "heading_close":
                parts.append("\n" if token.hidden or lists else "\n\n")
            case "hr":
                parts.append("---\n\n")
    return "".join(parts)


def _inline_text(tokens: Sequence[Token], change_link: ChangeLink) -> str:
    """The text of a block's inside; the address of a link follows its text, or replaces it if they are the same."""
    parts: list[str] = []
    links: list[tuple[str, int]] = []  # the address of each open link, and where its text begins
    for token in tokens:
        match token.type:
            case "link_open":
                links.append((str(token.attrGet("href") or ""), len(parts)))
            case "link_close":
                address, start = links.pop()
                shown = address.removeprefix("mailto:").removeprefix("tel:")
                changed = change_link(address) if address == shown else shown
                if "".join(parts[start:]) not in {address, shown}:
                    parts.append(f": {changed}")
                elif changed != shown:
                    parts[start:] = [changed]
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case _:
                parts.append(token.content)
    return "".join(parts)
