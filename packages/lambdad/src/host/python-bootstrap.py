"""Starts AWS's runtime interface client for Python, as the start script of AWS's runtime does.

The handler is what `_HANDLER` names now: a wrapper script may have changed it. Modules come from the
function's folder, then from the layers in /opt, then from wherever this Python has them.
"""

import os
import sys


log_descriptor = "_LAMBDA_TELEMETRY_LOG_FD"


def is_open(descriptor):
    try:
        os.fstat(int(descriptor))
        return True
    except (OSError, ValueError):
        return False


def start():
    # A wrapper that starts its children by `subprocess` has closed it: the client would end.
    if not is_open(os.environ.get(log_descriptor, "none")):
        os.environ.pop(log_descriptor, None)
    here = os.path.dirname(os.path.abspath(__file__))
    version = "python{}.{}".format(*sys.version_info[:2])
    os.environ.setdefault("AWS_EXECUTION_ENV", "AWS_Lambda_" + version)
    layers = ["/opt/python/lib/{}/site-packages".format(version), "/opt/python"]
    sys.path[:] = [
        os.getcwd(),
        *filter(os.path.isdir, layers),
        *(path for path in sys.path if path != here),
    ]
    from awslambdaric.__main__ import main

    main([sys.argv[0], os.environ["_HANDLER"]])


# Processes that the client starts may load this file again.
if __name__ == "__main__":
    start()
