"""Reads the tables in a folder with pyarrow, polars and duckdb, as FORMAT.md shows it."""
import sys
from urllib.parse import unquote_to_bytes

import duckdb
import numpy as np
import polars
import pyarrow as pa
import pyarrow.ipc

folder = sys.argv[1]
want = {"images": 3, "many": 65538, "identities": 1, "pairs": 1, "overlap": 1}
for name, rows in want.items():
    path = f"{folder}/{name}.arrow"
    table = pa.ipc.open_file(path).read_all()
    table.validate(full=True)
    assert table.num_rows == rows, (name, table.num_rows)
    for field in table.schema:
        assert set(field.metadata) == {b"meaning", b"unit"}, (name, field)
    frame = polars.read_ipc(path)
    assert frame.shape == (rows, table.num_columns), (name, frame.shape)
    assert frame.columns == table.column_names
    connection = duckdb.connect()
    connection.register("t", table)
    assert connection.execute("select count(*) from t").fetchone() == (rows,)
    assert len(connection.execute("select * from t").fetchall()) == rows
    assert len(table.to_pandas()) == rows

images = pa.ipc.open_file(f"{folder}/images.arrow").read_all().to_pylist()
raw = b"a%b/\n\xff\xc3\xa9\xc2\x85 c.jpg"
first, gone = images[0], images[1]
assert unquote_to_bytes(first["path"]) == raw, first["path"]
assert unquote_to_bytes(first["evidence_for"][0]) == raw
assert first["sha256"] == "01ab" + "00" * 30
assert first["box"] == [1, 2, 3, 4] and len(first["landmarks"]) == 10
assert (first["faces"], first["det_score"], first["length"], first["p_noise"]) == (2, 0.5, 11.5, 0.25)
assert (first["vector_object"], first["vector_row"]) == ("vectors/x.arrow", 3)
assert gone["error"] == "missing"
for column in ("sha256", "width", "faces", "box", "landmarks", "det_score", "length", "score", "p_noise", "vector_object", "vector_row"):
    assert gone[column] is None, column

vectors = pa.ipc.open_file(f"{folder}/vectors.arrow").read_all()
assert vectors["path"][0].as_py() == raw
assert [v is None for v in vectors["vector"].to_pylist()] == [False, True, False, True]
assert vectors["image_hash"].to_pylist() == [2**63 + 5, None, 0, 3]
assert vectors["face_hash"].to_pylist() == [7, None, 0, None]
assert vectors["face_thumbnail"].to_pylist() == [b"\x02" * 256, None, None, None]
v = np.asarray(vectors["vector"].combine_chunks()[0].values, dtype=np.float32)
assert v.shape == (8,) and abs(np.linalg.norm(v) - 1) < 1e-3, v
for name in ("rows", "labels", "overrides", "aggregate", "neighbours"):
    pa.ipc.open_file(f"{folder}/{name}.arrow").read_all().validate(full=True)
