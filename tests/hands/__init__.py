"""What the tests share: where things are, a reader's hand, an explorer and its twin."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
