"""The AWS CLI: `aws s3 cp`, a process for each transfer. Spoken to in lines, as `transfer-client.ts`."""

import json
import os
import resource
import subprocess
import sys
import time

endpoint = sys.argv[1]
cli = os.path.join(os.path.dirname(sys.executable), "aws")
environment = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "AKIDBENCHMARK0000000",
    "AWS_SECRET_ACCESS_KEY": "benchmark/secret/key/of/forty/characters",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def transfer(task):
    remote = f"s3://benchmark-bucket/{task['key']}"
    is_upload = task["operation"] == "upload"
    places = [task["path"], remote] if is_upload else [remote, task["path"]]
    command = [sys.executable, cli, "--endpoint-url", endpoint, "s3", "cp", "--no-progress", *places]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    errors = []
    if done.returncode != 0:
        errors.append(done.stderr.decode(errors="replace")[-500:])
    elif not is_upload and os.path.getsize(task["path"]) != task["bytes"]:
        errors.append(f"{os.path.getsize(task['path'])} bytes instead of {task['bytes']}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "kind": "transfer",
        "bytes": task["bytes"],
        "seconds": seconds,
        "cpuMs": used * 1000,
        "beforeBytes": 0,
        "peakBytes": after.ru_maxrss * 1024,
        "errors": len(errors),
        "errorTexts": errors,
    }


print(json.dumps({"kind": "ready"}), flush=True)
for line in sys.stdin:
    print(json.dumps(transfer(json.loads(line))), flush=True)
