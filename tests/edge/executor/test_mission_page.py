from pathlib import Path

from edge.executor.mission.machine import mermaid

PAGE = Path(__file__).parents[3] / "docs" / "vehicle" / "mission.md"


def test_the_page_shows_the_machine_as_it_is():
    assert mermaid() in PAGE.read_text(encoding="utf-8")
