"""Two-by-two matrices: what they do to a plane.

The twin of `frontend/core/linear.js`. What a matrix of any size does in the long run
and at most, its spectral radius and its largest singular value, is in
`unrolled.gradients`.
"""

import math

import numpy as np

from unrolled.cells import validation


def turning(angle, scale, shear):
    """Return scale · R(angle) · [[1, shear], [0, 1]], a float64 array (2, 2).

    That is a shear along the first axis, then a turn, then a scale; its determinant is
    scale².

    angle : in degrees, anticlockwise.
    scale, shear : numbers; what overflows becomes infinite or NaN, without a warning.
    """
    angle = angle * (math.pi / 180)
    cos, sin = math.cos(angle), math.sin(angle)
    with np.errstate(over="ignore", invalid="ignore"):
        return scale * np.array([[cos, cos * shear - sin], [sin, sin * shear + cos]])


def eigenvalues(matrix):
    """Return both eigenvalues of a matrix in their order, a complex128 array (2,).

    matrix : (2, 2), of real numbers.

    Of a complex pair the one above the real axis comes first, of two real ones the
    larger. Both are NaN where an entry is not finite.

    Raises ValueError for another shape.
    """
    matrix = validation.plain("eigenvalues", "matrix", matrix)
    if matrix.shape != (2, 2):
        raise ValueError(
            f"eigenvalues: matrix has shape {matrix.shape}, but must be (2, 2): for a "
            "larger one there is gradients.spectral_radius"
        )
    if not np.isfinite(matrix).all():
        return np.full(2, np.nan, complex)
    found = np.linalg.eigvals(matrix).astype(complex)
    return np.array(sorted(found, key=lambda one: (-one.imag, -one.real)))
