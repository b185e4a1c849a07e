"""The benchmarks run, agree with themselves and leave a record; no test looks at a time."""

import json

import pytest
import torch

from tests import bench


def test_bench_writes_a_table_and_json_lines(tmp_path, capsys):
    bench.main(["loop_against_matrix"], tmp_path / "bench.jsonl")
    records = [json.loads(line) for line in (tmp_path / "bench.jsonl").read_text().splitlines()]
    assert [record["what"] for record in records] == ["matrix product", "Python loop"]
    assert all(record["min"] <= record["median"] <= record["max"] for record in records)
    assert "Python loop" in capsys.readouterr().out


def test_sides_that_disagree_are_not_timed():
    with pytest.raises(AssertionError, match="not close"):
        list(bench.measure({"one": lambda: torch.zeros(1), "two": lambda: torch.ones(1)}))


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(SystemExit, match="there is no benchmark nothing"):
        bench.main(["nothing"])
