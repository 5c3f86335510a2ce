"""Every page in WebKit, as narrow as its window can be."""

from hands.engines import WebKit
from hands.pages import EveryPageIn


class TestWebKit(EveryPageIn):
    engine = WebKit
    size = 390, 800
