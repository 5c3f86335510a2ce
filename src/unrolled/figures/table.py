"""A table that a cell has computed: for a page, a notebook and plain text."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A table whose first column names the rows.

    head : the names of the columns, a list of str; the first may be empty.
    rows : lists of str, each as long as `head`.

    On a page and in a notebook it is HTML, which themes style as they do those of
    pandas ("dataframe"); elsewhere it is lines of text.

    Raises ValueError for a row of another length.
    """

    head: list
    rows: list

    def __post_init__(self):
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(
                    f"Table: the row {row!r} has {len(row)} entries, but the head has "
                    f"{len(self.head)}: give each column one, an empty string for none"
                )

    def _repr_html_(self):
        head = "".join(
            f'<th scope="col">{escape(name)}</th>' if name else "<td></td>"
            for name in self.head
        )
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f"<td>{escape(one)}</td>" for one in entries)
            + "</tr>"
            for name, *entries in self.rows
        )
        return (
            f'<table class="table dataframe"><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )

    def __repr__(self):
        lines = [self.head, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                entry.ljust(width) for entry, width in zip(line, widths, strict=True)
            ).rstrip()
            for line in lines
        )
