#!/usr/bin/env python3
"""An external extension: it writes down which invocation has how much time. Only the standard library."""

import http.client
import json
import os
import signal
import sys
import time
from pathlib import Path

# AWS wants the complete name of the file.
NAME = Path(sys.argv[0]).name


class ExtensionsApi:
    """The Extensions API, on one connection that is kept open."""

    def __init__(self, address):
        self.address = address
        # Without a time limit: the next event may be hours away.
        self.connection = http.client.HTTPConnection(address)
        self.identifier = None
        self.has_called_next = False

    def register(self, events):
        headers = {"Lambda-Extension-Name": NAME, "Content-Type": "application/json"}
        answer, _ = self._call("POST", "register", headers, json.dumps({"events": events}))
        self.identifier = answer.headers["Lambda-Extension-Identifier"]

    def next(self):
        """Says that the extension is ready, and waits for the next event."""
        self.has_called_next = True
        headers = {"Lambda-Extension-Identifier": self.identifier}
        _, body = self._call("GET", "event/next", headers)
        return json.loads(body)

    def fail(self, error_type, error):
        """Tells the host why this extension cannot go on. The process is to exit then."""
        if self.identifier is None:
            return
        phase = "exit" if self.has_called_next else "init"
        headers = {
            "Lambda-Extension-Identifier": self.identifier,
            "Lambda-Extension-Function-Error-Type": error_type,
        }
        body = {"errorType": error_type, "errorMessage": str(error), "stackTrace": []}
        # A connection of its own: the other one may be what has failed.
        connection = http.client.HTTPConnection(self.address, timeout=1)
        try:
            path = f"/2020-01-01/extension/{phase}/error"
            connection.request("POST", path, json.dumps(body), headers)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as reason:
            print(f"[{NAME}] cannot report {error_type}: {reason}", file=sys.stderr)
        finally:
            connection.close()

    def _call(self, method, path, headers, body=None):
        self.connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"Cannot call {path}: the answer is {answer.status} {text}")
        return answer, text


def handle_events(api):
    """Handles events until the environment ends."""
    count = 0
    while True:
        event = api.next()
        if event["eventType"] == "SHUTDOWN":
            print(f"[{NAME}] end: {event['shutdownReason']}, invocations: {count}")
            return
        if event["eventType"] == "INVOKE":
            count += 1
            seconds = event["deadlineMs"] / 1000 - time.time()
            print(f"[{NAME}] {event['requestId']} has {seconds:.1f} s")


def main():
    # Else lines stay in a buffer while the environment is frozen.
    sys.stdout.reconfigure(line_buffering=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    api = ExtensionsApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        api.register(["INVOKE", "SHUTDOWN"])
        handle_events(api)
    except KeyboardInterrupt:
        print(f"[{NAME}] end: SIGTERM")
    except Exception as error:
        print(f"[{NAME}] {error!r}", file=sys.stderr)
        api.fail("Extension.AuditFailed", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
