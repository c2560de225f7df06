"""The function of the walk-through."""


def handler(event, context):
    print(f"Greeting {event['name']}")
    return {"greeting": f"Hello, {event['name']}"}
