"""The page's colours and words, checked as they stand in its files."""

import re
from pathlib import Path

import pytest

from edge.driver.files import STATIC, page_files
from edge.messages.parcels import FailureCode, Outcome

STYLE = (STATIC / "style.css").read_text()
SCRIPTS = sorted(STATIC.rglob("*.js"))
# Ink on ground, as the style sheets pair them. 7 is WCAG's AAA, what a phone in the sun needs.
PAIRS = [
    ("ink", "ground"), ("ink", "card"), ("soft", "card"), ("soft", "ground"), ("go-ink", "go"),
    ("go", "card"), ("good", "good-ground"), ("bad", "bad-ground"), ("warn", "warn-ground"),
    ("card", "bad"), ("bad", "card"),
]  # fmt: skip


def palette(selector: str) -> dict[str, str]:
    block = STYLE[STYLE.index(selector) :]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block[: block.index("}")]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("selector", [":root {", ':root[data-look="dark"] {'])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_can_be_read_in_the_sun_and_at_night(
    selector: str, ink: str, ground: str
) -> None:
    colours = palette(selector)
    lighter, darker = sorted(map(luminance, (colours[ink], colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 7.0


def words() -> set[str]:
    return set(re.findall(r'^  "([^"]+)":', (STATIC / "strings.js").read_text(), re.M))


def test_every_word_that_is_asked_for_is_there() -> None:
    asked = {
        key
        for path in SCRIPTS
        for key in re.findall(r'say\("([a-zA-Z_.]+)"[,)]', path.read_text())
    }
    assert asked
    assert asked <= words()


def test_every_code_has_a_word() -> None:
    assert {f"code.{code.value}" for code in FailureCode} <= words()
    assert {f"outcome.{outcome.value}" for outcome in Outcome} <= words()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_short_and_needs_no_secure_page(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    code = re.sub(r"//.*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))
    for missing_on_plain_http in ("randomUUID", "subtle", "serviceWorker", "mediaDevices"):
        assert missing_on_plain_http not in code
    assert "innerHTML" not in text
    assert "eval(" not in text


def test_only_the_pages_own_files_are_served() -> None:
    files = page_files()
    assert {"index.html", "app.js", "style.css", "screens/handover.js"} <= set(files)
    assert all(name.endswith((".html", ".js", ".css", ".svg")) for name in files)
