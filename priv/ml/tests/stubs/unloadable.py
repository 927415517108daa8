"""A package that takes the process down when it is imported."""

import os
import signal

os.kill(os.getpid(), signal.SIGILL)
