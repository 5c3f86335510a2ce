"""Two-by-two matrices: `unrolled.linear` and its twin, `frontend/core/linear.js`.

Both against NumPy's eigenvalues; the plane that they are drawn in, too.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from unrolled import linear

HERE = Path(__file__).parent


def matrix_fixture(W, parts=None):
    values = np.linalg.eigvals(W).astype(complex)
    values = sorted(values, key=lambda one: (-one.imag, -one.real))
    np.testing.assert_array_equal(linear.eigenvalues(W), values)
    return {
        "parts": parts,
        "W": W.tolist(),
        "values": [[one.real, one.imag] for one in values],
        "radius": float(np.abs(values).max()),
        "singular": float(np.linalg.norm(W, 2)),
    }


def turned(rng, count):
    """Parts of matrices, and the matrices by another way than `turning` takes."""
    edges = [(a, 0.95, s) for a in (0, 90, 180) for s in (0, 1, -2)]
    drawn = [
        (int(rng.integers(-180, 181)), rng.uniform(0, 1.2), rng.uniform(-1, 1))
        for _ in range(count)
    ]
    for angle, scale, shear in edges + drawn:
        cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        W = scale * np.array([[cos, -sin], [sin, cos]]) @ [[1, shear], [0, 1]]
        yield {"angle": angle, "scale": scale, "shear": shear}, W


def test_both_sides_are_numpys(node_test, tmp_path):
    rng = np.random.default_rng(0)
    matrices = [matrix_fixture(rng.normal(size=(2, 2))) for _ in range(60)]
    matrices += [matrix_fixture(10.0**k * rng.normal(size=(2, 2))) for k in (-9, 9)]
    matrices += [matrix_fixture(np.diag([0.5, 0.5])), matrix_fixture(np.zeros((2, 2)))]
    for parts, W in turned(rng, 60):
        np.testing.assert_allclose(linear.turning(**parts), W, rtol=0, atol=1e-12)
        matrices.append(matrix_fixture(W, parts))
    fixtures = tmp_path / "linear.json"
    fixtures.write_text(json.dumps({"matrices": matrices}))
    node_test(
        HERE / "linear.test.js",
        least=len(matrices) + 3,
        UNROLLED_LINEAR_FIXTURES=str(fixtures),
    )


def test_what_overflows_does_so_without_a_warning():
    W = linear.turning(30, 1e200, 1e200)
    assert not np.isfinite(W).all()
    assert np.isnan(linear.eigenvalues(W)).all()


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"matrix has shape \(3, 3\)"):
        linear.eigenvalues(np.eye(3))


def test_the_plane(node_test):
    node_test(HERE / "plane.test.js", least=4)
