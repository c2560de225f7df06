"""A host over pika's asyncio adapter: it sends each body back. Arguments: the broker's URI and the queue."""

import asyncio
import sys

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

uri, queue = sys.argv[1:3]


def on_request(channel, method, properties, body):
    reply = pika.BasicProperties(correlation_id=properties.correlation_id)
    channel.basic_publish("", properties.reply_to, body, reply)
    channel.basic_ack(method.delivery_tag)


def on_channel(channel):
    channel.basic_qos(prefetch_count=1000)
    channel.queue_declare(
        queue,
        auto_delete=True,
        callback=lambda _declared: channel.basic_consume(queue, on_request),
    )


async def main():
    AsyncioConnection(
        pika.URLParameters(uri),
        on_open_callback=lambda connection: connection.channel(on_open_callback=on_channel),
        on_close_callback=lambda _connection, reason: sys.exit(str(reason)),
    )
    await asyncio.Event().wait()


asyncio.run(main())
