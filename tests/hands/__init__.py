"""What the tests share: where things are, a reader's hand, an explorer and its twin."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("UNROLLED_HTML", ROOT / "_build" / "html"))  # XXX
