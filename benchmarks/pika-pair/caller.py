"""A caller over pika's asyncio adapter. Arguments: the broker's URI and the queue.

It takes and gives the same lines as the callers in Node (serve-loads.ts, caller-load.ts).
"""

import asyncio
import json
import sys
import time

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

uri, queue = sys.argv[1:3]
CALL_SECONDS_MAX = 20.0
PRIMING_SECONDS_MAX = 30.0
ERROR_TEXTS_MAX = 5
TICKS_PER_SECOND = 100


class Rpc:
    """One connection, one channel, one reply queue, and what waits for its reply."""

    def __init__(self, ready):
        self._ready = ready
        self._waiting = {}
        self._calls = 0
        AsyncioConnection(
            pika.URLParameters(uri),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._on_channel),
            on_close_callback=lambda _connection, reason: sys.exit(str(reason)),
        )

    def _on_channel(self, channel):
        self._channel = channel
        channel.queue_declare("", exclusive=True, callback=self._on_queue)

    def _on_queue(self, declared):
        self._reply_to = declared.method.queue
        self._channel.basic_consume(self._reply_to, self._on_reply, auto_ack=True)
        self._ready.set_result(None)

    def _on_reply(self, _channel, _method, properties, body):
        waiting = self._waiting.pop(properties.correlation_id, None)
        if waiting is not None:
            waiting.set_result(body)

    def call(self, body):
        self._calls += 1
        correlation_id = str(self._calls)
        waiting = self._waiting[correlation_id] = asyncio.get_running_loop().create_future()
        properties = pika.BasicProperties(correlation_id=correlation_id, reply_to=self._reply_to)
        self._channel.basic_publish("", queue, body, properties)
        return waiting


def parts_of(payload_bytes):
    """Prefix, number of digits, and the rest of an event: as in echo-body.ts, with other padding."""
    prefix, middle, end, digits = b'{"n":"', b'","pad":"', b'"}', 12
    pad = payload_bytes - len(prefix) - digits - len(middle) - len(end)
    if pad < 0:
        return b'"', payload_bytes - 2, b'"'
    return prefix, digits, middle + b"x" * pad + end


def cpu_ms(pid):
    if pid is None:
        return None
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS_PER_SECOND


async def run(rpc, load):
    prefix, digits, rest = parts_of(load["payloadBytes"])
    latencies, error_texts = [], []
    state = {"phase": "warm-up", "unprimed": load["inFlight"], "sequence": 0, "errors": 0}
    primed = asyncio.Event()

    async def keep_calling():
        is_first = True
        while state["phase"] != "over":
            state["sequence"] += 1
            body = prefix + str(state["sequence"]).zfill(digits).encode() + rest
            start = time.perf_counter()
            reply = await rpc.call(body)
            if reply != body:
                state["errors"] += 1
                error_texts.append("a body that is not the event")
            elif state["phase"] == "measuring":
                latencies.append(time.perf_counter() - start)
            if is_first:
                is_first = False
                state["unprimed"] -= 1
                if state["unprimed"] == 0:
                    primed.set()

    slots = [asyncio.create_task(keep_calling()) for _ in range(load["inFlight"])]
    try:
        await asyncio.wait_for(primed.wait(), PRIMING_SECONDS_MAX)
    except asyncio.TimeoutError:
        pass
    await asyncio.sleep(load["warmUpMs"] / 1000)
    host, broker = load["hostPid"], load.get("brokerPid")
    before = (cpu_ms(host), cpu_ms(broker), time.process_time())
    start = time.perf_counter()
    state["phase"] = "measuring"
    await asyncio.sleep(load["measureMs"] / 1000)
    state["phase"] = "over"
    seconds = time.perf_counter() - start
    after = (cpu_ms(host), cpu_ms(broker), time.process_time())
    _done, late = await asyncio.wait(slots, timeout=CALL_SECONDS_MAX)
    if late:
        state["errors"] += len(late)
        error_texts.append(f"no answer within {CALL_SECONDS_MAX} s")
        for slot in late:
            slot.cancel()
    latencies.sort()

    def percentile(share):
        return 1000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else 0

    return {
        "kind": "echo",
        "calls": len(latencies),
        "seconds": seconds,
        "latencyMs": {
            "p50": percentile(0.5),
            "p90": percentile(0.9),
            "p99": percentile(0.99),
            "max": 1000 * latencies[-1] if latencies else 0,
        },
        "errors": state["errors"],
        "errorTexts": error_texts[:ERROR_TEXTS_MAX],
        "daemonCpuMs": after[0] - before[0],
        "generatorCpuMs": 1000 * (after[2] - before[2]),
        **({"brokerCpuMs": after[1] - before[1]} if broker is not None else {}),
    }


async def main():
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    rpc = Rpc(ready)
    await ready
    print("{}", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await run(rpc, json.loads(line))), flush=True)


asyncio.run(main())
