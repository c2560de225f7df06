"""aioboto3, spoken to in lines: one JSON object per line and answer, as client.ts is."""

import asyncio
import json
import os
import resource
import sys
import time

import aioboto3
from botocore.config import Config

SIZES = {1024: "1KB", 16384: "16KB"}
SERVICES = {"s3": "s3", "dynamodb": "dynamodb", "lambda": "lambda", "sqs": "sqs"}
KEY = {"pk": {"S": "customer#4711"}, "sk": {"S": "order#0"}}


def letters(size):
    """The text of `bytesOf` in operations.mjs."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    state, text = 12345, []
    for _ in range(size):
        # JavaScript multiplies in doubles: only sizes have to agree, and the text for SQS's digests.
        state = int(float(state) * 1103515245.0 + 12345.0) & 0x7FFFFFFF
        text.append(alphabet[(state >> 16) & 63])
    return "".join(text)


def table_of(size):
    return "benchmark-" + ("16KB" if size == 16384 else "1KB")


def item_of(size):
    return {
        **KEY,
        "total": {"N": "1299.95"},
        "count": {"N": "3"},
        "paid": {"BOOL": True},
        "note": {"NULL": True},
        "tags": {"SS": ["new", "express", "gift"]},
        "lines": {
            "L": [
                {"M": {"sku": {"S": "A-1"}, "quantity": {"N": "1"}, "price": {"N": "999.95"}}},
                {"M": {"sku": {"S": "B-22"}, "quantity": {"N": "2"}, "price": {"N": "150"}}},
            ]
        },
        "data": {"S": letters(max(1, size - 400))},
    }


def make_call(client, operation, size, endpoint):
    """A coroutine function that makes one call and returns what the others return, or None."""
    if operation == "s3-get":

        async def call():
            answer = await client.get_object(Bucket="benchmark-bucket", Key=f"get-{size}")
            return len(await answer["Body"].read())

    elif operation == "s3-put":
        body = letters(size).encode()

        async def call():
            answer = await client.put_object(Bucket="benchmark-bucket", Key=f"put-{size}", Body=body)
            return 1 if answer["ETag"] else 0

    elif operation == "s3-list":

        async def call():
            return len((await client.list_objects_v2(Bucket="benchmark-bucket"))["Contents"])

    elif operation == "dynamodb-get":

        async def call():
            answer = await client.get_item(TableName=table_of(size), Key=KEY)
            return len(answer["Item"]["data"]["S"])

    elif operation == "dynamodb-put":
        item = item_of(size)

        async def call():
            await client.put_item(TableName=table_of(size), Item=item)
            return 1

    elif operation == "dynamodb-query":
        values = {":pk": {"S": "customer#4711"}, ":sk": {"S": "order#"}}

        async def call():
            answer = await client.query(
                TableName="benchmark-1KB",
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=values,
            )
            return len(answer["Items"])

    elif operation == "lambda-invoke":
        empty = json.dumps({"id": 17, "kind": "benchmark", "data": ""}, separators=(",", ":"))
        payload = empty[:-2] + letters(size - len(empty)) + empty[-2:]

        async def call():
            answer = await client.invoke(FunctionName="benchmark-function", Payload=payload)
            return len(await answer["Payload"].read())

    elif operation == "sqs-send":
        text = letters(size)
        url = f"{endpoint}/123456789012/benchmark-queue"

        async def call():
            answer = await client.send_message(QueueUrl=url, MessageBody=text)
            return 1 if answer["MessageId"] else 0

    else:
        return None
    return call


def cpu_ms():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (used.ru_utime + used.ru_stime)


class Load:
    def __init__(self, call, settings):
        self.call = call
        self.settings = settings
        self.over = False
        self.measuring = False
        self.errors = 0
        self.texts = []
        self.latencies = []

    async def slot(self):
        while not self.over:
            start = time.perf_counter()
            try:
                result = await self.call()
                if result != self.settings["expected"]:
                    raise ValueError(f"a result of {result}")
                if self.measuring:
                    self.latencies.append(1000 * (time.perf_counter() - start))
            except Exception as error:  # noqa: BLE001: whatever it is, it is told
                self.errors += 1
                if len(self.texts) < 5:
                    self.texts.append(str(error))
                if self.errors > 1000:
                    self.over = True
                await asyncio.sleep(0.01)

    async def run(self):
        slots = [asyncio.create_task(self.slot()) for _ in range(self.settings["inFlight"])]
        await asyncio.sleep(self.settings["warmUpMs"] / 1000)
        self.measuring = True
        cpu, start = cpu_ms(), time.perf_counter()
        await asyncio.sleep(self.settings["measureMs"] / 1000)
        self.measuring = False
        seconds, cpu = time.perf_counter() - start, cpu_ms() - cpu
        calls = sorted(self.latencies)
        self.over = True
        await asyncio.gather(*slots)

        def at(share):
            return calls[min(len(calls) - 1, int(share * len(calls)))] if calls else 0

        return {
            "kind": "echo",
            "calls": len(calls),
            "seconds": seconds,
            "latencyMs": {"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1)},
            "errors": self.errors,
            "errorTexts": self.texts,
            "generatorCpuMs": cpu,
        }


async def main():
    endpoint = sys.argv[1]
    session = aioboto3.Session()
    loop = asyncio.get_running_loop()
    print(json.dumps({"kind": "ready"}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        settings = json.loads(line)
        operation = settings["operation"]
        config = Config(s3={"addressing_style": "path"}, max_pool_connections=128)
        keys = {
            "aws_access_key_id": "AKIDBENCHMARK0000000",
            "aws_secret_access_key": "benchmark/secret/key/of/forty/characters",
            "region_name": "us-east-1",
        }
        service = SERVICES[operation.split("-")[0]]
        async with session.client(service, endpoint_url=endpoint, config=config, **keys) as client:
            call = make_call(client, operation, settings["size"], endpoint)
            result = {"kind": "absent"} if call is None else await Load(call, settings).run()
        print(json.dumps(result), flush=True)
    os._exit(0)


asyncio.run(main())
