"""The nearest vectors by sqlite-vec, as its own documentation says it is done: a vec0 table, MATCH, k.

    python sqlite_vec_search.py FOLDER

FOLDER holds `index.db`, whose table `vectors` has the vectors, and `queries.f32`. Prints one JSON object: the middle time
of a query, recall against the exact answers in `exact.txt`.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import apsw
import sqlite_vec

DIMENSIONS = 768
K = 10


def main():
    folder = Path(sys.argv[1])
    own = folder / "sqlite-vec.db"
    own.unlink(missing_ok=True)
    # Not Python's own module: many builds of it load no extensions.
    database = apsw.Connection(str(own))
    database.enable_load_extension(True)
    database.load_extension(sqlite_vec.loadable_path())
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"CREATE VIRTUAL TABLE vec USING vec0(embedding FLOAT[{DIMENSIONS}] distance_metric=cosine)")
    source = apsw.Connection(str(folder / "index.db"), flags=apsw.SQLITE_OPEN_READONLY)
    vectors = source.execute(
        "SELECT CAST(documents.source AS INTEGER), vector FROM vectors JOIN embeddings ON vector_id = vectors.id"
        " JOIN chunks USING (source_hash) JOIN documents ON documents.id = document_id"
    )
    started = time.perf_counter()
    with database:
        database.executemany("INSERT INTO vec (rowid, embedding) VALUES (?, ?)", vectors)
    loading = time.perf_counter() - started

    raw = (folder / "queries.f32").read_bytes()
    queries = [raw[at : at + DIMENSIONS * 4] for at in range(0, len(raw), DIMENSIONS * 4)]
    exact = [set(map(int, line.split())) for line in (folder / "exact.txt").read_text().splitlines()]
    times, right = [], 0
    for query, nearest in zip(queries, exact, strict=True):
        started = time.perf_counter()
        rows = database.execute("SELECT rowid FROM vec WHERE embedding MATCH ? AND k = ?", (query, K)).fetchall()
        times.append(time.perf_counter() - started)
        right += len(nearest & {row[0] for row in rows})
    database.close()
    own.unlink()
    recall = right / (K * len(queries))
    print(json.dumps({"p50_ms": statistics.median(times) * 1000, "recall": recall, "loading_seconds": loading}))


if __name__ == "__main__":
    main()
