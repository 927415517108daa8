"""CSV with known types to Parquet, in constant memory."""

from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

# Bytes of CSV that are converted at once, and rows of a row group: together they bound the memory.
BLOCK = 2 << 20
ROW_GROUP = 50_000
TYPES = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "timestamp[ms, UTC]": pa.timestamp("ms", tz="UTC"),
    "list<string>": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Order:
    """Where to write, the columns in their order (`name`, `type`), and what to note in the file."""

    output: str
    columns: list[dict[str, str]]
    metadata: dict[str, str]

    @property
    def schema(self) -> pa.Schema:
        """The columns of the file."""
        return pa.schema(
            [(each["name"], TYPES[each["type"]]) for each in self.columns], metadata=self.metadata
        )


def write(order: Order, rows: BinaryIO) -> None:
    """Convert `rows`, which begin with a header; nothing between two commas is null, quoted texts never."""
    schema = order.schema
    # Names stand in one cell, with semicolons between them.
    types = {field.name: pa.string() if pa.types.is_list(field.type) else field.type for field in schema}
    reader = pa.csv.open_csv(
        rows,
        read_options=pa.csv.ReadOptions(block_size=BLOCK),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            timestamp_parsers=[pa.csv.ISO8601],
        ),
    )
    with pq.ParquetWriter(order.output, schema, compression="zstd") as file:
        waiting: list[pa.RecordBatch] = []
        for batch in reader:
            columns = [column(batch[field.name], field) for field in schema]
            waiting.append(pa.record_batch(columns, schema=schema))
            if sum(each.num_rows for each in waiting) >= ROW_GROUP:
                file.write_table(pa.Table.from_batches(waiting))
                waiting = []
        if waiting:
            file.write_table(pa.Table.from_batches(waiting))


def column(values: pa.Array, field: pa.Field) -> pa.Array:
    """The values in the type of their field."""
    if not pa.types.is_list(field.type):
        return values
    # The split of an empty text is one empty name; no name is what is meant.
    names = pc.split_pattern(values, ";")
    return pc.if_else(pc.equal(values, ""), pa.scalar([], type=field.type), names)
