"""aioboto3's encryption client: takes one JSON object a line and answers one line."""

import asyncio
import base64
import json
import os
import sys

from aioboto3.s3.cse import (
    AsymmetricCryptoContext,
    KMSCryptoContext,
    S3CSE,
    SymmetricCryptoContext,
)


def secret(name):
    return base64.b64decode(os.environ[name])


def crypto_context(call):
    if call["keys"] == "kms":
        return KMSCryptoContext(
            keyid=os.environ["KMS_KEY_ID"],
            kms_client_args={"endpoint_url": os.environ["KMS_ENDPOINT"]},
            authenticated_encryption=call.get("mode") != "EncryptionOnly",
        )
    if call["keys"] == "aes":
        return SymmetricCryptoContext(secret("AES_KEY"))
    return AsymmetricCryptoContext(
        AsymmetricCryptoContext.from_der_public_key(secret("RSA_PUBLIC_KEY")),
        AsymmetricCryptoContext.from_der_private_key(secret("RSA_PRIVATE_KEY")),
    )


async def run(call):
    s3 = {"endpoint_url": os.environ["S3_ENDPOINT"]}
    place = {"Bucket": call["bucket"], "Key": call["key"]}
    async with S3CSE(crypto_context(call), s3_client_args=s3) as client:
        if call["action"] == "get":
            output = await client.get_object(**place)
            return await output["Body"].read()
        body = base64.b64decode(call["body"])
        await client.put_object(Body=body, Metadata={"mine": "yes"}, **place)
        return b""


def main():
    for line in sys.stdin:
        try:
            answer = {"body": base64.b64encode(asyncio.run(run(json.loads(line)))).decode()}
        except Exception as error:  # any: the suite shows it
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


main()
