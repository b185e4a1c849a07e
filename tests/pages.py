"""What tests of our HTML pages share: their outline, and how well text stands out."""

import itertools
import re
from html.parser import HTMLParser


class Outline(HTMLParser):
    """Headings, landmarks, ids and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.ids, self.links, self.labels = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        """Note a tag."""
        known = dict(attributes)
        self.tags.append((tag, known))
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"][1:]] if known.get("href", "").startswith("#") else []
        self.labels += [known["aria-labelledby"]] if "aria-labelledby" in known else []


def hard_to_find(outline: Outline) -> list[str]:
    """What would mislead a screen reader: language, landmarks, headings, ids, links, pictures without words."""
    names = [tag for tag, _ in outline.tags]
    levels = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]
    said = {
        "no language": ("html", {"lang": "en"}) not in outline.tags,
        "landmarks": [names.count(tag) for tag in ("h1", "main", "header", "body")] != [1, 1, 1, 1],
        f"levels {levels}": any(later - earlier > 1 for earlier, later in itertools.pairwise(levels)),
        "an id comes twice": len(set(outline.ids)) != len(outline.ids),
        "a link leads nowhere": not set(outline.links) | set(outline.labels) <= set(outline.ids),
        "an img without alt": any("alt" not in known for tag, known in outline.tags if tag == "img"),
        "an svg without words": any(
            not known.get("aria-label") and known.get("aria-hidden") != "true"
            for tag, known in outline.tags
            if tag == "svg"
        ),
    }
    return [words for words, found in said.items() if found]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def too_faint(page: str, pairs: list[tuple[str, str]], least: float = 4.5) -> list[tuple]:
    """Pairs of a page's named colours whose contrast is under `least`, in its light theme or its dark one."""
    light, dark = {}, {}
    for number, block in enumerate(re.findall(r":root \{ (--[^}]+)\}", page)):
        (dark if number % 2 else light).update(re.findall(r"--(\w+): (#\w{6})", block))
    found = []
    for theme in (light, dark):
        for one, other in pairs:
            upper, lower = sorted((luminance(theme[one]), luminance(theme[other])), reverse=True)
            if (upper + 0.05) / (lower + 0.05) < least:
                found.append((one, other, theme[one], theme[other]))
    return found
