"""Making the copy anew, from the parts of an export."""

import hashlib
import json
import time
import uuid

from .documents import JOB, START, VIEWER
from .say import say
from .server import Away, Stop

# Kinds, with the scopes that open each.
KINDS = {
    "ORGANIZATION": {"orgs:read"},
    "MEMBER": {"members:read"},
    "APPOINTMENT": {"orgs:read", "members:read"},
    "ACTIVITY": {"activities:read"},
}
# What the copy remembers of an export under way.
OF_AN_EXPORT = ("key", "asked", "job", "parts")


def rights_of(account):
    """Version and scopes of an account as text, the same in both clients: with others, the copy is made anew."""
    return json.dumps(account, sort_keys=True, separators=(",", ":"))


class Export:
    def __init__(self, server, copy, within):
        self.server, self.copy, self.within = server, copy, within

    def make(self):
        """From one snapshot, part by part; what was fetched before a kill stays fetched."""
        while True:
            job_id = self.copy.get("job") or self.begin()
            if job_id is None:
                continue
            job = self.server.ask(JOB, {"id": job_id})["exportJob"]
            state = job and job["state"]
            if state in ("QUEUED", "RUNNING"):
                time.sleep(0.2)
            elif state == "COMPLETED":
                if self.fetch(job):
                    return
            else:
                say(export=state or "gone", failure=job and job["failure"])
                self.drop()
                if job and job["failure"] == "TOO_MANY_ROWS":
                    raise Stop("the part of the tree is too large for one export")

    def begin(self):
        """Asks for the export; under a key that is kept first, so that a kill in between begins no second one. The job's id;
        nothing where another try may do better."""
        key = self.copy.get("key") or str(uuid.uuid4())
        asked = self.copy.get("asked") or self.rights()
        with self.copy:
            self.copy.set("key", key)
            self.copy.set("asked", asked)
            self.copy.drop_incoming()
        scopes = set(json.loads(asked)["scopes"])
        kinds = [kind for kind, opened in KINDS.items() if opened & scopes]
        given = {"kinds": kinds, "within": self.within, "format": "JSONL", "idempotencyKey": key}
        told = self.server.ask(START, {"input": given})["startExport"]
        if told["job"]:
            with self.copy:
                self.copy.set("job", told["job"]["id"])
            return told["job"]["id"]
        self.drop()
        error = next(iter(told["userErrors"]), None)
        if error and error["code"] == "TOO_MANY":
            say(waits=error["message"])
            time.sleep(10)
        elif error and self.rights() == asked:
            raise Stop(f"{error['code']}: {error['message']}", error["code"])
        return None

    def rights(self):
        return rights_of(self.server.ask(VIEWER, {})["viewer"]["account"])

    def drop(self):
        """Nothing comes of this export: the next one begins from the start."""
        with self.copy:
            self.forget()

    def forget(self):
        for key in OF_AN_EXPORT:
            self.copy.set(key, None)
        self.copy.drop_incoming()

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
            self.copy.replace()
            self.copy.set("cursor", job["snapshotCursor"])
            self.copy.set("rights", self.copy.get("asked"))
            self.forget()
        say(exported=sum(part["rows"] for part in job["parts"]))
        return True

    def fetch_part(self, part):
        digest, rows = hashlib.sha256(), 0
        with self.copy:
            for line in self.server.lines(part["url"], digest):
                self.copy.receive(json.loads(line)["id"], line.decode())
                rows += 1
            if digest.hexdigest() != part["sha256"] or rows != part["rows"]:
                raise Away(f"part {part['number']} came damaged")
            self.copy.set("parts", str(part["number"]))
