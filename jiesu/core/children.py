"""Processes that others begin."""

import ctypes
import os
import signal


def end_with_parent() -> None:
    """Have this process ended (SIGTERM) when the one that began it ends, however that ends (Linux).

    :raises SystemExit: it has ended already
    """
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        raise SystemExit
