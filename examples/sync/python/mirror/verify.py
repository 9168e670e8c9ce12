"""The comparison of the copy with what the server shows."""

from .documents import LISTS, MORE_POSTS, plain
from .say import say
from .server import Stop


def verify(sync):
    """Compares as soon as nothing happens while the lists are read; whether the copy is right."""
    for _ in range(20):
        sync.catch_up()
        shown = lists(sync.server, sync.within)
        if sync.catch_up() == 0:
            held = sync.copy.rows()
            wrong = sorted(key for key in shown.keys() | held.keys() if shown.get(key) != held.get(key))
            say(verified=len(shown), wrong=wrong[:20], differences=len(wrong))
            return not wrong
    raise Stop("too much happens to compare: try again in a quieter hour")


def lists(server, within):
    """What the lists of the server show, by id."""
    shown = {}
    for query in LISTS:
        for node in pages(server, query, {"within": within}):
            shown[node["id"]] = plain(node)
            posts = node.get("appointments", {"nodes": [], "pageInfo": {"hasNextPage": False}})
            more = posts["pageInfo"]["hasNextPage"]
            nodes = pages(server, MORE_POSTS, {"id": node["id"]}) if more else posts["nodes"]
            shown.update((post["id"], plain(post)) for post in nodes)
    return shown


def pages(server, query, variables):
    """The nodes of all pages. An org that is gone meanwhile has none."""
    after = None
    while True:
        found = server.ask(query, variables | {"after": after})
        page = found.get("page") or (found.get("organization") or {}).get("page")
        if page is None:
            return
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
