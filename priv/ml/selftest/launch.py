"""Starts a program under conditions that a fault needs: `launch.py [option…] -- program argument…`.

The program takes this process's place, so its pid stays; it dies with the process that launched it.
--limit NAME=N   a resource limit, as RLIMIT_NAME
--no-network     a network namespace without a network
--close N        a closed descriptor
--cgroup FOLDER  a control group
"""

import ctypes
import os
import signal
import sys

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1


def limit(argument: str) -> None:
    """Set a resource limit, both soft and hard."""
    import resource

    name, number = argument.split("=")
    resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (int(number), int(number)))


def main() -> None:
    """Apply the options in their order, then become the program."""
    end = sys.argv.index("--")
    options, command = sys.argv[1:end], sys.argv[end + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    closed: list[int] = []
    while options:
        name = options.pop(0)
        if name == "--no-network":
            if libc.unshare(CLONE_NEWNET) != 0:
                sys.exit(f"launch.py: no network namespace: {os.strerror(ctypes.get_errno())}")
            continue
        argument = options.pop(0)
        if name == "--limit":
            limit(argument)
        elif name == "--cgroup":
            group = os.open(f"{argument}/cgroup.procs", os.O_WRONLY)
            os.write(group, b"0")
            os.close(group)
        elif name == "--close":
            closed.append(int(argument))
        else:
            sys.exit(f"launch.py: unknown option {name}")
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Python ignores it; the program shall begin as a shell would start it.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for descriptor in closed:
        os.close(descriptor)
    os.execv(command[0], command)


main()
