"""The layout engine, but two files end it: by an exception that quotes cells, and by a signal."""

from __future__ import annotations

import os
import signal

from ingestion.read.layout import read_file as read


def read_file(data, name, told, delivery_id, context):
    if "упасть" in name:
        raise ValueError(data.decode())
    if "умереть" in name:
        os.write(1, data)
        os.write(2, data)
        os.kill(os.getpid(), signal.SIGABRT)
    return read(data, name, told, delivery_id, context)
