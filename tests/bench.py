"""The benchmarks: both sides in one run, warm-up, repeats, median and spread, results asserted equal.

python -m tests.bench [NAME ...]     all of them, or those named; a table here, JSON lines in build/bench.jsonl
"""

import contextlib
import io
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import numpy as np
import torch
from ipywidgets import FloatLogSlider, Widget

from helpers import minibatches, synthetic_regression
from helpers.widgets import Explorer
from tests import bench_class, bench_grader, stored_outputs
from tests.notebook_rules import ROOT, chapters, code_cells

LINES = ROOT / "build" / "bench.jsonl"
REPEATS = 5


def measure(sides: dict[str, Callable[[], object]], *, repeats: int = REPEATS) -> Iterator[dict]:
    """Time several ways of doing one thing, in turns, after a warm-up of each.

    Args:
        sides: name -> function without arguments; all must return the same, or close, tensors.
        repeats: turns.

    Yields:
        One record per side: median, fastest and slowest seconds, and the median as a ratio to the first side's.
    """
    results = [side() for side in sides.values()]
    for result in results[1:]:
        torch.testing.assert_close(result, results[0])
    seconds = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            start = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - start)
    first = statistics.median(next(iter(seconds.values())))
    for name, times in seconds.items():
        median = statistics.median(times)
        yield {"what": name, "median": median, "min": min(times), "max": max(times), "ratio": median / first}


def loop_against_matrix() -> Iterator[dict]:
    """Predictions of 1000 rows: a Python loop against one matrix product."""
    X, _ = synthetic_regression([2.0, -3.4], 4.2, 1000, noise=0.0, seed=0)
    w, b = torch.tensor([[2.0], [-3.4]]), 4.2

    def loop():
        y_hat = torch.empty(len(X), 1)
        for i in range(len(X)):
            y_hat[i] = sum(X[i, j] * w[j] for j in range(X.shape[1])) + b
        return y_hat

    yield from measure({"matrix product": lambda: X @ w + b, "Python loop": loop})


def minibatches_against_loader() -> Iterator[dict]:
    """Sum over all rows in batches of 10: helpers' minibatches against a DataLoader over a TensorDataset."""
    X, y = synthetic_regression([2.0, -3.4], 4.2, 1000, noise=0.01, seed=0)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=10, shuffle=True)

    def ours():
        generator = torch.Generator().manual_seed(0)
        return sum(y_batch.sum() for _, y_batch in minibatches(X, y, batch_size=10, generator=generator))

    yield from measure({"helpers.minibatches": ours, "DataLoader": lambda: sum(y_batch.sum() for _, y_batch in loader)})


def chapter_four() -> dict:
    """What the last chapter's cells define, its assertions that all ways agree included."""
    (path,) = (path for path in chapters() if path.stem == "4_making_it_fast")
    namespace = {}
    for cell in code_cells(nbformat.read(path, as_version=4)):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell.source, cell.id, "exec"), namespace)
        if cell.id == "ways-time":
            return namespace
    raise LookupError(f"{path} has no cell `ways-time` any more")


def six_ways_of_adam() -> Iterator[dict]:
    """One step of Adam, written six ways, on 16 M parameters in one tensor and on 400 tensors of 50."""
    chapter = chapter_four()
    for threads in sorted({1, os.cpu_count()}):
        torch.set_num_threads(threads)
        x = torch.ones(chapter["LARGE"])
        (in_place,) = measure({"mul_": lambda x=x: x.mul_(1.0)})
        floor = 28 / 8 * in_place["median"] / len(x)  # seconds a parameter, at the bandwidth that mul_ reaches
        for size, sizes in (("large", chapter["LARGE"]), ("small", chapter["SMALL"])):
            records = list(measure(chapter["all_ways"](sizes)))
            fused = next(record["median"] for record in records if record["what"] == "fused")
            for record in records:
                each = record["median"] / sum(sizes)
                said = (
                    f"{record['what']}, {size}, {threads} thread{'s' * (threads > 1)}, {each * 1e9:.2f} ns a parameter"
                )
                said += f", {each / floor:.1f} x floor"
                yield record | {"what": said, "ratio": record["median"] / fused, "to_floor": each / floor}


def explorers(path: Path) -> Iterator[tuple[str, Explorer]]:
    """Run a chapter's cells in this process; yield (cell id, widget) for each live picture."""
    torch.set_default_dtype(torch.float32)  # some chapters set another
    namespace = {}
    for cell in code_cells(nbformat.read(path, as_version=4)):
        if cell.source.startswith("explore("):
            yield cell.id, eval(compile(cell.source, cell.id, "eval"), namespace)
            continue
        allowed = (Exception,) if "raises-exception" in cell.metadata.get("tags", []) else ()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(*allowed):
            exec(compile(cell.source, cell.id, "exec"), namespace)


def moves(slider: Widget, count: int) -> Iterator[float]:
    """Seconds that each move takes on the way from one end of a slider to the other."""
    log = isinstance(slider, FloatLogSlider)
    for value in np.linspace(slider.min, slider.max, count):
        before, start = slider.value, time.perf_counter()
        slider.value = type(before)(10**value if log else value)
        if slider.value != before:
            yield time.perf_counter() - start


def widget_redraws() -> Iterator[dict]:
    """Each chapter's live pictures, in the kernel: from a slider's move to the new picture. The ratio is to 150 ms."""
    for path in chapters():
        if not any("explore(" in cell.source for cell in code_cells(nbformat.read(path, as_version=4))):
            continue
        for name, explorer in explorers(path):
            times = [seconds for slider in explorer.controls.values() for seconds in moves(slider, 16)]
            record = {"median": statistics.median(times), "min": min(times), "max": max(times)}
            yield {"what": f"{path.stem}, {name}", **record, "ratio": record["median"] / 0.15}


def chapter_seconds() -> Iterator[dict]:
    """Seconds that each chapter notebook runs, kernel start included; the limit is 20."""
    total = 0.0
    for path in chapters():
        _, seconds = stored_outputs.execute(path)
        total += seconds
        yield {"what": path.relative_to(ROOT).as_posix(), "seconds": seconds}
    yield {"what": "all chapters", "seconds": total}


BENCHMARKS = (
    *(loop_against_matrix, minibatches_against_loader, six_ways_of_adam, widget_redraws, chapter_seconds),
    *(bench_grader.grader_against_plain, bench_grader.memory, bench_grader.attacks_on_both),
    *(bench_class.class_sizes, bench_class.one_changed_test),
)


def machine() -> dict:
    """What the numbers were measured on."""
    return {"python": platform.python_version(), "torch": torch.__version__, "cores": os.cpu_count()}


def main(names: list[str], lines: Path = LINES) -> None:
    """Run benchmarks; print a table and append JSON lines."""
    known = {benchmark.__name__: benchmark for benchmark in BENCHMARKS}
    if unknown := set(names) - known.keys():
        raise SystemExit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    lines.parent.mkdir(parents=True, exist_ok=True)
    with lines.open("a", encoding="utf-8") as file:
        for name in names or known:
            print(f"\n{name}: {known[name].__doc__}")
            for record in known[name]():
                what = record["what"]
                if "median" in record:
                    spread = f"{record['min'] * 1e3:.3f} to {record['max'] * 1e3:.3f}"
                    print(f"  {what:<62} {record['median'] * 1e3:9.3f} ms  ({spread})  {record['ratio']:7.2f} x")
                else:
                    print(f"  {what:<62} {record['seconds']:9.3g}")
                file.write(json.dumps({"benchmark": name, **record, **machine()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
