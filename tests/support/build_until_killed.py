"""A process that builds the two small series and kills itself on the way: STAGE, AFTER, WORKERS.

Run as `python -m tests.support.build_until_killed ROOT STAGE AFTER WORKERS`. A stage that there
is not is never reached, so it builds to the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.core.engine import LocalEngine
from pipeline.core.lock import workspace_lock
from tests.support.built import plan_for, run_all
from tests.support.engines import KillingProgress


def main(root: str, stage: str, after: str, workers: str) -> None:
    plan = plan_for(Path(root))
    with workspace_lock(plan.workspace), LocalEngine(int(workers)) as engine:
        run_all(plan, engine, progress=KillingProgress(stage, int(after)))


if __name__ == "__main__":
    main(*sys.argv[1:])
