"""The full matrix: `python -m tests.defects [FOLDER]`; writes `docs/defect_matrix.md`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from warehouse.settings import PROJECT


def main() -> int:
    parser = argparse.ArgumentParser(description="матрица дефектов")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--variations", type=int, default=200)
    parser.add_argument("--job-cells", type=int, default=30)
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "defect_matrix.md")
    parser.add_argument("--folder", type=Path, help="рабочая папка: прерванное продолжится")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="msoko-defects-") as name:
        root = arguments.folder or Path(name)
        root.mkdir(parents=True, exist_ok=True)
        os.environ["MSOKO_WAREHOUSE"] = str(root / "none")
        os.environ["MSOKO_KEY_FILE"] = str(root / "none.key")
        from tests.defects import job, matrix, report
        from tests.defects.cells import context

        size = matrix.Size(seeds=arguments.seeds, variations=arguments.variations)
        cells, cleans = matrix.run_all(root, size)
        context()
        layouts = matrix.unknown_layouts(matrix.wide_library(root))
        told = job.through_the_job(root, cells, arguments.job_cells) if arguments.job_cells else ""
    page = report.page(
        matrix.OPERATORS, cells, cleans, seeds=arguments.seeds,
        variations=arguments.variations, layouts=layouts,
        job=told,
    )  # fmt: skip
    arguments.out.write_text(page, encoding="utf-8")
    for level, (caught, of) in report.totals(matrix.OPERATORS, cells).items():
        print(f"{level}: {caught} of {of}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
