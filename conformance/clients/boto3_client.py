"""Runs the calls that it reads from standard input with boto3: one JSON object a line, both ways."""

import base64
import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client(
    "lambda",
    endpoint_url=os.environ["INVOKE_URL"],
    region_name="us-east-1",
    config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
)


def parameters(call):
    names = ["FunctionName", "InvocationType", "LogType", "ClientContext", "Qualifier"]
    found = {name: call[name] for name in names if call.get(name) is not None}
    if call.get("Payload") is not None:
        found["Payload"] = call["Payload"].encode()
    return found


def text(data):
    return base64.b64decode(data).decode() if data else None


def invoke(call):
    answer = client.invoke(**parameters(call))
    return {
        "status": answer["StatusCode"],
        "payload": answer["Payload"].read().decode(),
        "functionError": answer.get("FunctionError"),
        "executedVersion": answer.get("ExecutedVersion"),
        "log": text(answer.get("LogResult")),
        "requestId": answer["ResponseMetadata"]["RequestId"],
    }


def stream(call):
    answer = client.invoke_with_response_stream(**parameters(call))
    payload, complete = b"", None
    for event in answer["EventStream"]:
        if "PayloadChunk" in event:
            payload += event["PayloadChunk"]["Payload"]
        if "InvokeComplete" in event:
            complete = event["InvokeComplete"]
    return {
        "status": answer["StatusCode"],
        "payload": payload.decode(),
        "executedVersion": answer.get("ExecutedVersion"),
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "complete": {
            "errorCode": complete.get("ErrorCode"),
            "errorDetails": complete.get("ErrorDetails"),
            "log": text(complete.get("LogResult")),
        },
    }


for line in sys.stdin:
    call = json.loads(line)
    try:
        result = stream(call) if call.get("stream") else invoke(call)
    except ClientError as error:
        known = error.response["Error"]
        result = {
            "error": {
                "class": type(error).__name__,
                "name": known["Code"],
                "message": known.get("Message", ""),
                "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
                "requestId": error.response["ResponseMetadata"].get("RequestId"),
                "reason": error.response.get("Reason"),
                "retryAfter": error.response.get("retryAfterSeconds"),
            }
        }
    except Exception as error:  # the suite reports whatever it is
        result = {"error": {"class": type(error).__name__, "name": "", "message": str(error)}}
    print(json.dumps({name: value for name, value in result.items() if value is not None}), flush=True)
