"""Evidently's drift preset: usage evidently_drift.py DIR, which holds reference.parquet and current.parquet.

Prints `seconds X` for reading both and the report; the import is not counted."""
import sys
import time

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

folder = sys.argv[1]
begun = time.perf_counter()
reference, current = (pd.read_parquet(f"{folder}/{name}.parquet") for name in ("reference", "current"))
definition = DataDefinition(numerical_columns=[c for c in reference if c[0] == "n"],
                            categorical_columns=[c for c in reference if c[0] == "c"])
sides = [Dataset.from_pandas(table, definition) for table in (current, reference)]
Report([DataDriftPreset()]).run(*sides).dict()
print(f"seconds {time.perf_counter() - begun:.3f}")
