"""Follows `events` of one org with Python's gql over WebSocket, and prints what it hears: one JSON object a line.

With `signIn` it asks for a new token each time it comes back.

    python follow.py '{"urls": ["http://…"], "token": "…", "after": "…", "organization": "org_…", "signIn": {…}}'
"""

import asyncio
import itertools
import json
import sys
import urllib.request

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

GIVEN = json.loads(sys.argv[1])
QUERY = """subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) {
    __typename
    ... on Change { cursor op entityId version }
    ... on Resumed { cursor replayed }
    ... on Gap { cursor cause }
    ... on Lagged { cursor }
  }
}"""


def say(**what):
    print(json.dumps({"client": "gql", **what}), flush=True)


def bearer(attempt):
    """The token that was given, then a new one for each time that the client comes back."""
    query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }"
    body = json.dumps({"query": query, "variables": {"input": GIVEN.get("signIn")}}).encode()
    for base in GIVEN["urls"] if attempt > 1 and GIVEN.get("signIn") else []:
        request = urllib.request.Request(f"{base}/graphql", body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["data"]["signIn"]["accessToken"]
        except OSError:
            continue
    return GIVEN["token"]


async def main():
    last = GIVEN["after"]
    for attempt, base in enumerate(itertools.cycle(GIVEN["urls"]), 1):
        say(tries=attempt)
        transport = WebsocketsTransport(
            url=base.replace("http", "ws", 1) + "/graphql",
            init_payload={"authorization": f"Bearer {bearer(attempt)}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        try:
            async with Client(transport=transport) as session:
                variables = {"after": last, "within": {"exactly": GIVEN["organization"]}}
                query = GraphQLRequest(QUERY, variable_values=variables)
                async for result in session.subscribe(query):
                    last = result["events"]["cursor"]
                    say(event=result["events"])
            return say(ended="complete")
        except (OSError, TransportError) as lost:
            code = getattr(getattr(lost.__cause__, "rcvd", None), "code", None)
            if code:
                say(closed=code)
            # gql leaves it to its user when to come back: not after the close code of a disabled account.
            if code == 4401 or "4401" in str(lost) or "4401" in str(lost.__cause__):
                return say(ended="error", code=4401)
            await asyncio.sleep(0.3)


asyncio.run(main())
