"""The book's interactive figures: each is an ipywidget with a live front end."""

from unrolled.explorers.base import Explorer
from unrolled.explorers.hidden_state import HiddenState
from unrolled.explorers.state_plane import StatePlane
from unrolled.explorers.task_shapes import TaskShapes

__all__ = ["Explorer", "HiddenState", "StatePlane", "TaskShapes"]
