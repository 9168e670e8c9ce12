"""The copy and how far it has come, in one SQLite file: both change in the same transaction."""

import json
import os
import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

from .documents import plain

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (id TEXT NOT NULL, organization TEXT NOT NULL, PRIMARY KEY (id, organization));
CREATE INDEX IF NOT EXISTS at ON place (organization);
CREATE TABLE IF NOT EXISTS incoming (id TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
# A post that has ended is shown no more; the day turns where the deployment is.
ZONE = ZoneInfo(os.environ.get("ORGLIFE_TIME_ZONE", "Asia/Shanghai"))


def places(body):
    """The orgs at which an object is."""
    one = [body.get(field) for field in ("parent", "branch", "organization")]
    return {place["id"] for place in [*one, *body.get("organizations", [])] if place}


def today():
    return datetime.now(ZONE).date().isoformat()


class Copy:
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

    def receive(self, object_id, text):
        """Keeps what a part of an export brings, beside what is there."""
        self.db.execute("INSERT OR REPLACE INTO incoming VALUES (?, ?)", (object_id, text))

    def drop_incoming(self):
        self.db.execute("DELETE FROM incoming")

    def replace(self):
        """Puts what was received in the place of what was there."""
        self.db.execute("DELETE FROM object")
        self.db.execute("DELETE FROM place")
        for (text,) in self.db.execute("SELECT body FROM incoming"):
            self.keep(json.loads(text))

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
