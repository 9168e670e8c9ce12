"""The nodes of a deployment: asked until one answers."""

import json
import time

import httpx

from .documents import EVENTS, SIGN_IN


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
                self.pause(lost)

    def pause(self, lost):
        """Turns to the next node, and lets a moment go by behind what was lost."""
        self.turn()
        time.sleep(getattr(lost, "wait", 0.5))

    def lines(self, path, digest):
        """The lines of a part, one by one, as they arrive."""
        with self.http.stream("GET", self.urls[0] + path, headers=self.headers()) as answer:
            if answer.status_code == 404:
                raise LookupError(path)
            self.only_200(answer)
            rest = b""
            for piece in answer.iter_raw():
                digest.update(piece)
                *whole, rest = (rest + piece).split(b"\n")
                yield from whole
            if rest:
                yield rest

    def only_200(self, answer):
        if answer.status_code == 200:
            return
        if answer.status_code == 401:
            self.token = None
        raise Away(f"HTTP {answer.status_code}")

    def events(self, variables):
        """Something for each message of the live log, until the stream ends."""
        headers = self.headers() | {"accept": "text/event-stream"}
        body = {"query": EVENTS, "variables": variables}
        quiet = httpx.Timeout(60, connect=3)
        with self.http.stream("POST", self.urls[0] + "/graphql", json=body, headers=headers, timeout=quiet) as answer:
            self.only_200(answer)
            for line in answer.iter_lines():
                if line.startswith("data:") and len(line) > 5:
                    told = json.loads(line[5:] or "null")
                    if told and told.get("errors"):
                        self.refuse(told["errors"][0])
                    yield told
                elif line.startswith("event: complete"):
                    return
