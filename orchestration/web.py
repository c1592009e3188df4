"""The web interface and the daemon, for one machine.

Belongs here: starting and stopping the two processes. The server listens on loopback only and
below a random path: it executes commands by GET, so any page that the engineer has open could
drive it if it knew the address.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from orchestration.instance import prepare_environment
from warehouse.settings import PROJECT, Settings


def serve(settings: Settings, port: int) -> int:
    """Run both processes until one ends or the person presses Ctrl+C; returns an exit code."""
    prepare_environment(settings)
    prefix = f"/{secrets.token_urlsafe(12)}"
    tools = Path(sys.executable).parent
    workspace = ["-w", str(PROJECT / "workspace.yaml")]
    server = [str(tools / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port)]
    commands = [
        [str(tools / "dagster-daemon"), "run", *workspace],
        [*server, "--path-prefix", prefix, *workspace],
    ]
    signal.signal(signal.SIGTERM, _stop)
    children = [subprocess.Popen(command, env=os.environ.copy()) for command in commands]
    print(f"Dagster: http://127.0.0.1:{port}{prefix}", flush=True)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=30)
    return 1


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
