"""Keeps a copy of a part of the tree in an SQLite file: export, then changes, then live. It may be killed at any moment.

    pip install -r requirements.txt
    export ORGLIFE_CLIENT_ID=acc_… ORGLIFE_CLIENT_SECRET=ols_…
    python sync.py copy.db --url http://127.0.0.1:8080 --organization org_… run      # until it is stopped
    python sync.py copy.db --url … --organization org_… once                         # up to now, then ends
    python sync.py copy.db --url … --organization org_… verify                       # compares with the server

The account needs `events:read`, `exports:run`, and what it is to see: `orgs:read`, `members:read`, `activities:read`.
Several `--url` are several nodes of one deployment: where one is away, the next is asked. How it works: ../README.md.
"""

import argparse
import os
import sys

from mirror.copy import Copy
from mirror.say import say
from mirror.server import Server, Stop
from mirror.sync import Sync
from mirror.verify import verify


def main():
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("file")
    given.add_argument("command", choices=["run", "once", "verify"])
    given.add_argument("--url", action="append", required=True)
    given.add_argument("--organization", required=True)
    given = given.parse_args()
    server = Server(given.url, os.environ["ORGLIFE_CLIENT_ID"], os.environ["ORGLIFE_CLIENT_SECRET"])
    sync = Sync(server, Copy(given.file), given.organization)
    try:
        if given.command == "run":
            sync.run()
        if given.command == "verify":
            return 0 if verify(sync) else 1
        say(applied=sync.catch_up())
        return 0
    except Stop as why:
        if why.code in ("NOT_FOUND", "FORBIDDEN", "ACCOUNT_DISABLED"):
            # What one may not see any more is not kept.
            sync.copy.clear()
        print(why, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
