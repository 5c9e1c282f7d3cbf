"""A corpus is a folder with one Lance table: a row a clip, a column a judgement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa

from misora.core.errors import OutputError, UsageError
from misora.corpus.row import Row, captions_to_json

FRAGMENT_ROWS = 256
"""Rows that a run writes together; a crash loses at most as many."""

_CLIPS = "clips.lance"
_IDENTITY_COLUMNS = ("id", "num_frames", "width_px", "height_px", "fps", "renderer", "lines")


class CorpusError(UsageError):
    """A corpus that is missing, or that lacks what was asked of it."""


class Corpus:
    """The table as it stood when it was opened; rows appended later are seen after `refresh`."""

    def __init__(self, path: Path, table: lance.LanceDataset) -> None:
        self.path = path
        self._table = table
        self._version: str | None = None

    @classmethod
    def create(cls, path: Path | str) -> Corpus:
        """Make an empty corpus.

        Args:
            path: a folder that does not hold a corpus yet.

        Returns:
            The corpus, without rows.

        Raises:
            OutputError: if a corpus stands there already or the folder cannot be made.
        """
        folder = Path(path)
        if (folder / _CLIPS).exists():
            raise OutputError(f"{folder} holds a corpus already; open it, or choose another folder")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make {folder}: {error.strerror}; choose a path that you may write to") from error
        table = lance.write_dataset(_schema().empty_table(), str(folder / _CLIPS), enable_stable_row_ids=False)
        return cls(folder, table)

    @classmethod
    def open(cls, path: Path | str) -> Corpus:
        """Open a corpus as it stands now.

        Args:
            path: the folder of the corpus.

        Returns:
            The corpus at its newest state.

        Raises:
            CorpusError: if no corpus stands there.
        """
        folder = Path(path)
        if not (folder / _CLIPS).is_dir():
            raise CorpusError(f"no corpus at {folder}; make one with `misora corpus film {folder}`")
        return cls(folder, lance.dataset(str(folder / _CLIPS)))

    @classmethod
    def open_or_create(cls, path: Path | str) -> Corpus:
        """Open a corpus, or make an empty one where none stands.

        Args:
            path: the folder of the corpus.

        Returns:
            The corpus.
        """
        return cls.open(path) if (Path(path) / _CLIPS).is_dir() else cls.create(path)

    @property
    def num_rows(self) -> int:
        """How many clips."""
        return self._table.count_rows()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, judgements included."""
        return tuple(self._table.schema.names)

    @property
    def version(self) -> str:
        """What the rows are, as 16 hexadecimal digits: equal for equal clips in equal order, whatever was judged."""
        if self._version is None:
            digest = hashlib.blake2b(digest_size=8)
            for batch in self._table.scanner(columns=list(_IDENTITY_COLUMNS), scan_in_order=True).to_batches():
                digest.update("".join(map(repr, zip(*batch.to_pydict().values(), strict=True))).encode())
            self._version = digest.hexdigest()
        return self._version

    def refresh(self) -> None:
        """See the rows and columns that were written since the corpus was opened."""
        self._table.checkout_latest()
        self._version = None

    def read(self, rows: Sequence[int], columns: Sequence[str]) -> dict[str, list[Any]]:
        """Read some rows in the order asked for; a row may be asked for twice.

        Args:
            rows: row numbers from 0.
            columns: names of columns.

        Returns:
            For each column its values, one per asked row.

        Raises:
            CorpusError: if a column or a row is not there.
        """
        self._require(columns)
        distinct = sorted(set(rows))
        if distinct and not 0 <= distinct[0] <= distinct[-1] < self.num_rows:
            raise CorpusError(f"rows {distinct[0]}..{distinct[-1]} asked of a corpus of {self.num_rows} rows")
        table = self._table.take(distinct, columns=list(columns)).to_pydict()
        place = {row: number for number, row in enumerate(distinct)}
        return {name: [table[name][place[row]] for row in rows] for name in columns}

    def scan(self, columns: Sequence[str]) -> Iterator[dict[str, list[Any]]]:
        """Read whole columns in the order of the rows, in bounded memory.

        Args:
            columns: names of columns; keep heavy ones out or few.

        Yields:
            For each column the values of the next rows.

        Raises:
            CorpusError: if a column is not there.
        """
        self._require(columns)
        for batch in self._table.scanner(columns=list(columns), scan_in_order=True, batch_size=1024).to_batches():
            yield batch.to_pydict()

    def column(self, name: str) -> list[Any]:
        """Read one light column whole.

        Args:
            name: its name.

        Returns:
            One value a row.
        """
        return [value for batch in self.scan([name]) for value in batch[name]]

    def append(self, rows: Sequence[Row]) -> None:
        """Write rows at the end as one fragment, all or none.

        Args:
            rows: the new clips; their ids must not stand in the corpus yet.

        Raises:
            OutputError: if they cannot be written.
        """
        if not rows:
            return
        try:
            self._table = lance.write_dataset(_to_table(rows), self._table.uri, mode="append")
        except OSError as error:
            raise OutputError(
                f"cannot write {len(rows)} clips to {self.path}: {error}; free some space and run again"
            ) from error
        self._version = None

    def add_empty_columns(self, names: Sequence[str]) -> None:
        """Add byte columns without values; names that exist already are left as they are.

        Args:
            names: of judgement columns.
        """
        missing = [pa.field(name, pa.large_binary()) for name in names if name not in self.columns]
        if missing:
            self._table.add_columns(pa.schema(missing))

    def drop_columns(self, names: Sequence[str]) -> None:
        """Forget judgement columns.

        Args:
            names: of columns.

        Raises:
            CorpusError: if a column is not there.
        """
        self._require(names)
        self._table.drop_columns(list(names))

    def num_missing(self, name: str) -> int:
        """Count the rows without a value in a column.

        Args:
            name: of a judgement column.

        Returns:
            How many rows wait for a value; all rows if the column does not exist.
        """
        return self._table.count_rows(f"{name} IS NULL") if name in self.columns else self.num_rows

    def fragments_missing(self, name: str) -> list[int]:
        """Find the fragments in which a judgement is not complete.

        Args:
            name: of a judgement column.

        Returns:
            Numbers of fragments, for `read_fragment` and `fill_fragment`.
        """
        fragments = self._table.get_fragments()
        return [f.fragment_id for f in fragments if f.count_rows(f"{name} IS NULL") > 0]

    def read_fragment(self, fragment_id: int, columns: Sequence[str]) -> dict[str, list[Any]]:
        """Read the rows that were written together.

        Args:
            fragment_id: from `fragments_missing`.
            columns: names of columns.

        Returns:
            For each column its values, and under `_rowid` what `fill_fragment` wants back.
        """
        fragment = self._fragment(fragment_id)
        return fragment.to_table(columns=list(columns), with_row_id=True).to_pydict()

    def fill_fragment(self, fragment_id: int, row_ids: Sequence[int], values: dict[str, list[bytes | None]]) -> None:
        """Write judgements of one fragment beside its rows, all or none; no other column is rewritten.

        Args:
            fragment_id: from `fragments_missing`.
            row_ids: from `read_fragment`.
            values: for each judgement column one value a row.
        """
        arrays = {name: pa.array(column, pa.large_binary()) for name, column in values.items()}
        update = pa.table({"_rowid": pa.array(row_ids, pa.uint64()), **arrays})
        metadata, modified = self._fragment(fragment_id).update_columns(update)
        operation = lance.LanceOperation.Update(updated_fragments=[metadata], fields_modified=modified)
        self._table = lance.LanceDataset.commit(self._table.uri, operation, read_version=self._table.version)

    def _fragment(self, fragment_id: int) -> lance.LanceFragment:
        fragment = self._table.get_fragment(fragment_id)
        assert fragment is not None
        return fragment

    def _require(self, columns: Sequence[str]) -> None:
        unknown = [name for name in columns if name not in self.columns]
        if unknown:
            raise CorpusError(f"{self.path} has no column {unknown[0]!r}; it has {', '.join(self.columns)}")


def _schema() -> pa.Schema:
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("seed", pa.int64(), nullable=False),
            pa.field("split", pa.string(), nullable=False),
            pa.field("video", pa.large_binary(), nullable=False),
            pa.field("width_px", pa.int32(), nullable=False),
            pa.field("height_px", pa.int32(), nullable=False),
            pa.field("num_frames", pa.int32(), nullable=False),
            pa.field("fps", pa.float64(), nullable=False),
            pa.field("seconds", pa.float64(), nullable=False),
            pa.field("lines", pa.string(), nullable=False),
            pa.field("script", pa.string()),
            pa.field("truth", pa.large_binary()),
            pa.field("licence", pa.string(), nullable=False),
            pa.field("renderer", pa.string(), nullable=False),
            pa.field("added", pa.string(), nullable=False),
        ]
    )


def _to_table(rows: Sequence[Row]) -> pa.Table:
    added = datetime.now(UTC).isoformat(timespec="seconds")
    return pa.Table.from_pylist([_to_record(row, added) for row in rows], schema=_schema())


def _to_record(row: Row, added: str) -> dict[str, Any]:
    record = {name: getattr(row, name) for name in Row.__slots__ if name != "captions"}
    return {**record, "lines": captions_to_json(row.captions), "added": added}
