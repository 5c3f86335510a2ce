"""The book's interactive figures: each is an ipywidget with a live front end.

Every folder here that has a front end is a room, and the explorer in it is offered by
its class's name. There is no list to keep: being there is enough.
"""

from importlib import import_module
from pkgutil import iter_modules

from unrolled.explorers.base import Explorer


def _found():
    """Every explorer of a room, by its class's name."""
    found = {}
    for room in iter_modules(__path__):
        if room.ispkg:
            module = import_module(f"{__name__}.{room.name}")
            found |= {
                name: cls
                for name, cls in vars(module).items()
                if isinstance(cls, type)
                and issubclass(cls, Explorer)
                and cls.__module__ == module.__name__
                and cls.bundle
            }
    return found


_ROOMS = _found()
globals().update(_ROOMS)
__all__ = ["Explorer", *sorted(_ROOMS)]
