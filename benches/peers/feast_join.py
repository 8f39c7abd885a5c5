"""Feast's point-in-time join with its DuckDB store: usage feast_join.py DIR, which holds features.parquet and spine.parquet.

Prints `seconds X` for the join alone: Feast's import and the reading of its registry are not counted."""
import os
import sys
import time
from datetime import timedelta

os.chdir(sys.argv[1])
with open("feature_store.yaml", "w") as file:
    file.write("project: bench\nregistry: registry.db\nprovider: local\noffline_store: {type: duckdb}\n"
               "online_store: {type: sqlite, path: online.db}\nentity_key_serialization_version: 3\n")
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, Int64

features = [f"x{i}" for i in range(10)]
store = FeatureStore(".")
entity = Entity(name="id", join_keys=["id"], value_type=ValueType.INT64)
source = FileSource(path="features.parquet", timestamp_field="event_timestamp")
schema = [Field(name="id", dtype=Int64)] + [Field(name=name, dtype=Float64) for name in features]
view = FeatureView(name="v", entities=[entity], ttl=timedelta(days=60), schema=schema, source=source)
store.apply([entity, view])
spine = pd.read_parquet("spine.parquet")
begun = time.perf_counter()
joined = store.get_historical_features(spine, [f"v:{name}" for name in features]).to_df()
print(f"seconds {time.perf_counter() - begun:.3f}")
print(f"rows {len(joined)} sum {joined[features].sum().sum():.6f}")
