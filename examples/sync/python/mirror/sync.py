"""From export to changes to the live log."""

import time

import httpx

from .documents import CHANGES
from .export import Export, rights_of
from .say import say
from .server import Away


class Sync:
    def __init__(self, server, copy, organization):
        self.server, self.copy, self.within = server, copy, {"subtreeOf": organization}
        self.export = Export(server, copy, self.within)

    def catch_up(self):
        """Applies what happened since, page by page, each with its cursor in one transaction. How many lines there were."""
        lines = 0
        while True:
            after = self.copy.get("cursor")
            if after is None:
                self.export.make()
                continue
            told = self.server.ask(CHANGES, {"after": after, "within": self.within})
            # Scopes of an account are no event of the log: with others, the copy is made anew.
            anew = rights_of(told["viewer"]["account"]) != self.copy.get("rights")
            page = told["changes"]
            with self.copy:
                for line in page["changes"]:
                    anew = self.copy.apply(line) or anew
                self.copy.set("cursor", None if anew else page["cursor"])
            lines += len(page["changes"])
            if not anew and not page["hasMore"]:
                return lines

    def run(self):
        """Follows the live log: each message only wakes, and the changes since the copy's own cursor are applied."""
        while True:
            say(applied=self.catch_up())
            try:
                for _ in self.server.events({"after": self.copy.get("cursor"), "within": self.within}):
                    lines = self.catch_up()
                    if lines:
                        say(applied=lines)
            except (httpx.TransportError, Away) as lost:
                say(lost=str(lost) or type(lost).__name__)
                self.server.pause(lost)
