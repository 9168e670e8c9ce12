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
import hashlib
import json
import os
import sqlite3
import sys
import time
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

# The fields of the export, so that changes and lists can be compared with what it wrote. Two of them have other names here:
# one document cannot ask fields of different types under one name.
ORGANIZATION = "__typename id version name kind sector parent { id } foundedOn externalIds { system value }"
MEMBER = """__typename id version name standing status joinedOn becameFullOn branch { id } group { id } hostBranch { id }
  unitTag externalIds { system value }"""
POST = "__typename id version post member { id } organization { id } since until termEndsOn acting"
ACTIVITY = """__typename id version activityKind: kind title activityStatus: status startsAt endsAt place mode organizations { id }
  externalIds { system value }"""
OBJECT = f"""... on Organization {{ {ORGANIZATION} }} ... on Member {{ {MEMBER} }} ... on Appointment {{ {POST} }}
  ... on Activity {{ {ACTIVITY} }}"""
PAGE = "pageInfo { hasNextPage endCursor }"
CHANGES = f"""query Changes($after: LogCursor!, $within: OrganizationScopeInput!) {{
  viewer {{ account {{ version scopes }} }}
  changes(after: $after, within: $within, types: [ORGANIZATION, MEMBER, APPOINTMENT, ACTIVITY], first: 100) {{
    changes {{ op extent entityId entity {{ {OBJECT} }} }}
    cursor hasMore }} }}"""
EVENTS = """subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) { __typename } }"""
VIEWER = "{ viewer { account { version scopes } } }"
SIGN_IN = """mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken userErrors { code message } } }"""
START = """mutation($input: StartExportInput!) { startExport(input: $input) { job { id } userErrors { code message path } } }"""
JOB = """query($id: ID!) { exportJob(id: $id) { state failure snapshotCursor parts { number url sha256 rows } } }"""
LISTS = {
    "organizations": f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: organizations(within: $within, first: 40, after: $after) {{ {PAGE}
        nodes {{ {ORGANIZATION} appointments(first: 20) {{ {PAGE} nodes {{ {POST} }} }} }} }} }}""",
    "members": f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: members(within: $within, first: 100, after: $after) {{ {PAGE} nodes {{ {MEMBER} }} }} }}""",
    "activities": f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: activities(within: $within, first: 100, after: $after) {{ {PAGE} nodes {{ {ACTIVITY} }} }} }}""",
}
MORE_POSTS = f"""query($id: ID!, $after: String) {{ organization(id: $id) {{
  page: appointments(first: 100, after: $after) {{ {PAGE} nodes {{ {POST} }} }} }} }}"""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (id TEXT NOT NULL, organization TEXT NOT NULL, PRIMARY KEY (id, organization));
CREATE INDEX IF NOT EXISTS at ON place (organization);
CREATE TABLE IF NOT EXISTS incoming (id TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
# Kinds that each scope opens.
KINDS = {"ORGANIZATION": {"orgs:read"}, "MEMBER": {"members:read"}, "APPOINTMENT": {"orgs:read", "members:read"},
         "ACTIVITY": {"activities:read"}}
# A post that has ended is shown no more; the day turns where the deployment is.
ZONE = ZoneInfo(os.environ.get("ORGLIFE_TIME_ZONE", "Asia/Shanghai"))


class Stop(Exception):
    """Nothing that is tried again would help."""

    def __init__(self, why, code=None):
        super().__init__(why)
        self.code = code


class Away(Exception):
    """The node is away or busy: worth another try."""

    def __init__(self, why, wait=0.5):
        super().__init__(why)
        self.wait = wait


class Server:
    """The nodes of a deployment; a request that one does not answer goes to the next."""

    def __init__(self, urls, client_id, secret):
        self.urls, self.id, self.secret, self.token = urls, client_id, secret, None
        self.http = httpx.Client(timeout=httpx.Timeout(30, connect=3))

    def turn(self):
        self.urls.append(self.urls.pop(0))

    def headers(self):
        if self.token is None:
            given = {"clientId": self.id, "clientSecret": self.secret}
            told = self.post(SIGN_IN, {"input": given}, {})["signInService"]
            if told["userErrors"]:
                raise Stop(f"the secret is refused: {told['userErrors'][0]['message']}")
            self.token = told["accessToken"]
        return {"authorization": f"Bearer {self.token}"}

    def post(self, query, variables, headers):
        """One try at one node: the data of the answer."""
        body = {"query": query, "variables": variables}
        answer = self.http.post(self.urls[0] + "/graphql", json=body, headers=headers)
        try:
            told = answer.json()
        except ValueError:
            raise Away(f"HTTP {answer.status_code}") from None
        if told.get("errors"):
            self.refuse(told["errors"][0], answer)
        return told["data"]

    def refuse(self, error, answer=None):
        code, wait = error.get("extensions", {}).get("code"), error.get("extensions", {}).get("retryAfterMs")
        if code == "UNAUTHENTICATED":
            self.token = None
            raise Away("the token has ended", 0.1)
        if wait is not None or (answer is not None and answer.status_code >= 500):
            raise Away(code, (wait or 1000) / 1000)
        raise Stop(f"{code}: {error['message']}", code)

    def ask(self, query, variables):
        return self.patiently(lambda: self.post(query, variables, self.headers()))

    def patiently(self, work):
        """Tries until it is answered: nodes come and go."""
        while True:
            try:
                return work()
            except (httpx.TransportError, Away) as lost:
                self.turn()
                time.sleep(getattr(lost, "wait", 0.5))

    def lines(self, path, digest):
        """The lines of a part, one by one, as they arrive."""
        with self.http.stream("GET", self.urls[0] + path, headers=self.headers()) as answer:
            if answer.status_code == 404:
                raise LookupError(path)
            if answer.status_code != 200:
                self.token = None if answer.status_code == 401 else self.token
                raise Away(f"HTTP {answer.status_code}")
            rest = b""
            for piece in answer.iter_raw():
                digest.update(piece)
                *whole, rest = (rest + piece).split(b"\n")
                yield from whole
            if rest:
                yield rest

    def events(self, variables):
        """Something for each message of the live log, until the stream ends."""
        headers = self.headers() | {"accept": "text/event-stream"}
        body = {"query": EVENTS, "variables": variables}
        quiet = httpx.Timeout(60, connect=3)
        with self.http.stream("POST", self.urls[0] + "/graphql", json=body, headers=headers, timeout=quiet) as answer:
            if answer.status_code != 200:
                self.token = None if answer.status_code == 401 else self.token
                raise Away(f"HTTP {answer.status_code}")
            for line in answer.iter_lines():
                if line.startswith("data:") and len(line) > 5:
                    told = json.loads(line[5:] or "null")
                    if told and told.get("errors"):
                        self.refuse(told["errors"][0])
                    yield told
                elif line.startswith("event: complete"):
                    return


def plain(entity):
    """An object as the export writes it: names that the document had to give otherwise have their own again."""
    body = dict(entity)
    for alias, name in (("activityKind", "kind"), ("activityStatus", "status")):
        if alias in body:
            body[name] = body.pop(alias)
    body.pop("appointments", None)
    return body


def places(body):
    """The orgs at which an object is."""
    one = [body.get(field) for field in ("parent", "branch", "organization")]
    return {place["id"] for place in [*one, *body.get("organizations", [])] if place}


def today():
    return datetime.now(ZONE).date().isoformat()


class Copy:
    """The copy and how far it has come, in one file: both change in the same transaction."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + TABLES)

    def __enter__(self):
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind, *_):
        self.db.execute("COMMIT" if kind is None else "ROLLBACK")

    def get(self, key):
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row and row[0]

    def set(self, key, value):
        if value is None:
            self.db.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def keep(self, body):
        self.forget(body["id"])
        if (body.get("until") or "9999") <= today():
            return
        text = json.dumps(body, ensure_ascii=False, sort_keys=True)
        self.db.execute("INSERT INTO object VALUES (?, ?, ?, ?)", (body["id"], body["__typename"], body["version"], text))
        self.db.executemany("INSERT INTO place VALUES (?, ?)", [(body["id"], org) for org in places(body)])

    def forget(self, object_id):
        self.db.execute("DELETE FROM place WHERE id = ?", (object_id,))
        self.db.execute("DELETE FROM object WHERE id = ?", (object_id,))

    def forget_subtree(self, root):
        """An org with everything that the copy knows at and below it."""
        below = """WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT p.id FROM place p JOIN below ON p.organization = below.id
            JOIN object o ON o.id = p.id AND o.kind = 'Organization') SELECT id FROM below"""
        orgs = [row[0] for row in self.db.execute(below, (root,))]
        for org in orgs:
            for (at,) in self.db.execute("SELECT id FROM place WHERE organization = ?", (org,)).fetchall():
                self.forget(at)
            self.forget(org)

    def apply(self, line):
        """One line of the log; whether the copy must be made anew."""
        op, entity = line["op"], line["entity"]
        if op == "RESYNC":
            return True
        if op in ("LEAVE_SCOPE", "DELETE") and line["extent"] == "SUBTREE":
            self.forget_subtree(line["entityId"])
        elif op in ("UPSERT", "ENTER_SCOPE") and entity is not None:
            self.keep(plain(entity))
        else:
            self.forget(line["entityId"])
        return False

    def clear(self):
        """Forgets everything."""
        with self:
            for table in ("object", "place", "incoming", "meta"):
                self.db.execute(f"DELETE FROM {table}")

    def rows(self):
        """What the copy holds: of posts those that are held today."""
        held = {}
        for object_id, text in self.db.execute("SELECT id, body FROM object"):
            body = json.loads(text)
            if (body.get("since") or "") <= today() < (body.get("until") or "9999"):
                held[object_id] = body
        return held


class Sync:
    def __init__(self, server, copy, organization):
        self.server, self.copy, self.within = server, copy, {"subtreeOf": organization}

    def say(self, **what):
        print(json.dumps(what, ensure_ascii=False), flush=True)

    def rights(self):
        return json.dumps(self.server.ask(VIEWER, {})["viewer"]["account"], sort_keys=True)

    def export(self):
        """Makes the copy anew: from one snapshot, part by part; what was fetched before a kill stays fetched."""
        while True:
            job_id = self.copy.get("job") or self.begin()
            job = self.server.ask(JOB, {"id": job_id})["exportJob"]
            state = job and job["state"]
            if state in ("QUEUED", "RUNNING"):
                time.sleep(0.2)
            elif state == "COMPLETED" and self.fetch(job):
                return
            elif state != "COMPLETED":
                self.say(export=state or "gone", failure=job and job["failure"])
                if job and job["failure"] == "TOO_MANY_ROWS":
                    raise Stop("the part of the tree is too large for one export")
                self.drop()

    def begin(self):
        """Asks for the export; under a key that is kept first, so that a kill in between begins no second one."""
        key = self.copy.get("key") or str(uuid.uuid4())
        rights = self.copy.get("asked") or self.rights()
        with self.copy:
            self.copy.set("key", key)
            self.copy.set("asked", rights)
            self.copy.db.execute("DELETE FROM incoming")
        scopes = set(json.loads(rights)["scopes"])
        kinds = [kind for kind, opened in KINDS.items() if opened & scopes]
        given = {"kinds": kinds, "within": self.within, "format": "JSONL", "idempotencyKey": key}
        told = self.server.ask(START, {"input": given})["startExport"]
        for error in told["userErrors"]:
            self.drop()
            if error["code"] == "TOO_MANY":
                self.say(waits=error["message"])
                time.sleep(10)
                return self.begin()
            if self.rights() != rights:
                return self.begin()
            raise Stop(f"{error['code']}: {error['message']}")
        if told["job"] is None:
            self.drop()
            return self.begin()
        with self.copy:
            self.copy.set("job", told["job"]["id"])
        return told["job"]["id"]

    def drop(self):
        """Nothing comes of this export: the next one begins from the start."""
        with self.copy:
            for key in ("key", "asked", "job", "parts"):
                self.copy.set(key, None)
            self.copy.db.execute("DELETE FROM incoming")

    def fetch(self, job):
        """Fetches the parts that are still missing, then puts them in the place of what was there; whether that could be."""
        for part in job["parts"]:
            if part["number"] <= int(self.copy.get("parts") or 0):
                continue
            try:
                self.server.patiently(lambda part=part: self.fetch_part(part))
            except LookupError:
                self.drop()
                return False
        with self.copy:
            self.copy.db.execute("DELETE FROM object")
            self.copy.db.execute("DELETE FROM place")
            rows = self.copy.db.execute("SELECT body FROM incoming")
            for (text,) in rows:
                self.copy.keep(json.loads(text))
            self.copy.set("cursor", job["snapshotCursor"])
            self.copy.set("rights", self.copy.get("asked"))
            for key in ("key", "asked", "job", "parts"):
                self.copy.set(key, None)
        with self.copy:
            self.copy.db.execute("DELETE FROM incoming")
        self.say(exported=sum(part["rows"] for part in job["parts"]))
        return True

    def fetch_part(self, part):
        digest, rows = hashlib.sha256(), 0
        with self.copy:
            for line in self.server.lines(part["url"], digest):
                body = json.loads(line)
                self.copy.db.execute("INSERT OR REPLACE INTO incoming VALUES (?, ?)", (body["id"], line.decode()))
                rows += 1
            if digest.hexdigest() != part["sha256"] or rows != part["rows"]:
                raise Away(f"part {part['number']} came damaged")
            self.copy.set("parts", str(part["number"]))

    def catch_up(self):
        """Applies what happened since, page by page, each with its cursor in one transaction. How many lines there were."""
        lines = 0
        while True:
            after = self.copy.get("cursor")
            if after is None:
                self.export()
                continue
            told = self.server.ask(CHANGES, {"after": after, "within": self.within})
            # Scopes of an account are no event of the log: with others, the copy is made anew.
            anew = json.dumps(told["viewer"]["account"], sort_keys=True) != self.copy.get("rights")
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
            lines = self.catch_up()
            self.say(applied=lines)
            try:
                for _ in self.server.events({"after": self.copy.get("cursor"), "within": self.within}):
                    lines = self.catch_up()
                    if lines:
                        self.say(applied=lines)
            except (httpx.TransportError, Away) as lost:
                self.say(lost=str(lost) or type(lost).__name__)
                self.server.turn()
                time.sleep(getattr(lost, "wait", 0.5))

    def shown(self):
        """What the lists of the server show."""
        shown = {}
        for name, query in LISTS.items():
            for node in self.pages(query, {"within": self.within}, lambda data: data["page"]):
                shown[node["id"]] = plain(node)
                posts = node.get("appointments", {"nodes": [], "pageInfo": {"hasNextPage": False}})
                nodes = list(posts["nodes"])
                if posts["pageInfo"]["hasNextPage"]:
                    nodes = self.pages(MORE_POSTS, {"id": node["id"]}, lambda data: data["organization"]["page"])
                shown.update((post["id"], plain(post)) for post in nodes)
        return shown

    def pages(self, query, variables, page):
        after = None
        while True:
            found = page(self.server.ask(query, variables | {"after": after}))
            yield from found["nodes"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]

    def verify(self):
        """Compares the copy with the server, as soon as nothing happens while the lists are read."""
        for _ in range(20):
            self.catch_up()
            shown = self.shown()
            if self.catch_up() == 0:
                held = self.copy.rows()
                wrong = sorted(key for key in shown.keys() | held.keys() if shown.get(key) != held.get(key))
                self.say(verified=len(shown), wrong=wrong[:20], differences=len(wrong))
                return not wrong
        raise Stop("too much happens to compare: try again in a quieter hour")


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
            return 0 if sync.verify() else 1
        sync.say(applied=sync.catch_up())
        return 0
    except Stop as why:
        if why.code in ("NOT_FOUND", "FORBIDDEN", "ACCOUNT_DISABLED"):
            # What one may not see any more is not kept.
            sync.copy.clear()
        print(why, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
