"""Follows the figures of an org and its children, and goes on where it stopped: on this node or another.

    pip install websockets
    python3 examples/live/figures.py data/accounts.json city-secretary [ws://127.0.0.1:8080/graphql]

The cursor is kept in figures.cursor after each message; the server's own words say whether anything was missed.
"""

import asyncio
import json
import os
import pathlib
import sys

import websockets

QUERY = """subscription($organization: ID!, $after: LogCursor) {
  figures(organization: $organization, period: {kind: YEAR}, after: $after) {
    __typename
    ... on FiguresChanged { cursor organization { name openAlerts figures(period: {kind: YEAR}) { rule { label } owed met rate } } }
    ... on Resumed { cursor replayed }
    ... on Gap { cursor cause }
    ... on Lagged { cursor }
  }
}"""
KEPT = pathlib.Path("figures.cursor")


def keep(cursor):
    """As a whole or not at all: whoever is killed here goes on from the cursor before."""
    new = KEPT.with_suffix(".new")
    new.write_text(cursor)
    os.replace(new, KEPT)


async def follow(url, token, organization):
    """Follows until the stream ends or the connection does; whether to come back."""
    async with websockets.connect(url, subprotocols=["graphql-transport-ws"]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        await socket.recv()
        variables = {"organization": organization, "after": KEPT.read_text() if KEPT.exists() else None}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": QUERY, "variables": variables}}))
        async for frame in socket:
            message = json.loads(frame)
            if message["type"] == "ping":
                await socket.send(json.dumps({"type": "pong"}))
            elif message["type"] == "next":
                told = message["payload"]["data"]["figures"]
                # A real client shows the figures first, and keeps the cursor with what it shows.
                print(json.dumps({key: value for key, value in told.items() if key != "cursor"}, ensure_ascii=False), flush=True)
                keep(told["cursor"])
            elif message["type"] == "complete":
                # Behind `Lagged`: on from the cursor that it brought.
                return True
            elif message["type"] == "error":
                print(frame)
                return False
    return True


async def main(accounts, username, url="ws://127.0.0.1:8080/graphql"):
    while True:
        # Read anew each time: a token ends, and whoever keeps the file renews it.
        account = next(a for a in json.loads(pathlib.Path(accounts).read_text()) if a["username"] == username)
        try:
            if not await follow(url, account["accessToken"], account["organizationId"]):
                return
        except (OSError, websockets.exceptions.WebSocketException) as lost:
            if getattr(getattr(lost, "rcvd", None), "code", None) == 4401:
                print("the account is disabled", file=sys.stderr)
                return
            print(f"lost ({lost}); going on in two seconds", file=sys.stderr)
        await asyncio.sleep(2)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
