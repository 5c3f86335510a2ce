"""The book's interactive figures: each is an ipywidget with a live front end."""

from unrolled.explorers.base import Explorer
from unrolled.explorers.cliff import Cliff
from unrolled.explorers.decay import Decay
from unrolled.explorers.gradient_flow import GradientFlow
from unrolled.explorers.gru_gates import GRUGates
from unrolled.explorers.hidden_state import HiddenState
from unrolled.explorers.lstm_and_gru import LSTMAndGRU
from unrolled.explorers.lstm_gates import LSTMGates
from unrolled.explorers.memory_race import MemoryRace
from unrolled.explorers.state_plane import StatePlane
from unrolled.explorers.task_shapes import TaskShapes

__all__ = [
    "Cliff",
    "Decay",
    "Explorer",
    "GradientFlow",
    "GRUGates",
    "HiddenState",
    "LSTMAndGRU",
    "LSTMGates",
    "MemoryRace",
    "StatePlane",
    "TaskShapes",
]
