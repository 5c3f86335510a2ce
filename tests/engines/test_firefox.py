"""Every page in Firefox, as on a desk."""

from hands.engines import Firefox
from hands.pages import EveryPageIn


class TestFirefox(EveryPageIn):
    engine = Firefox
    size = 1280, 900
