"""Tables for an instructor: who got what, and what the class found hard."""

from collections import Counter

from grader.suite import TEST


def table(records: list[dict]) -> str:
    """Lay records out for the terminal: student, score, maximum, who needs a person."""
    width = max([len("student"), *(len(record["student"]) for record in records)])
    lines = [f"{'student':<{width}}  {'score':>6}  {'maximum':>7}"]
    for item in records:
        note = f"  needs a person: {item['reason']}" if item["outcome"] == "needs_person" else ""
        note += "".join(f"  {name} with a right {', '.join(parts)}" for name, parts in served(item).items())
        lines.append(f"{item['student']:<{width}}  {item['score']:>6g}  {item['max_score']:>7g}{note}")
    return "\n".join(lines)


def served(record: dict) -> dict[str, list[str]]:
    """Exercise -> the right earlier parts with which it got points that it had not got with the student's own."""
    counted = [cell for cell in record["cells"] if cell["served"] and cell["verdict"] == "passed"]
    return {TEST.fullmatch(cell["id"])[1]: cell["served"]["names"] for cell in counted}


def by_cell(records: list[dict]) -> str:
    """Lay out each cell's verdicts over the class, in the notebook's order."""
    counts: dict[str, Counter] = {}
    for record in records:
        for cell in record["cells"]:
            counts.setdefault(cell["id"], Counter())[cell["verdict"]] += 1
    kinds = sorted({kind for count in counts.values() for kind in count})
    width = max([len("cell"), *map(len, counts)])
    lines = [f"{'cell':<{width}}  " + "  ".join(kinds)]
    for name, count in counts.items():
        lines.append(f"{name:<{width}}  " + "  ".join(f"{count[kind]:>{len(kind)}}" for kind in kinds))
    return "\n".join(lines)
