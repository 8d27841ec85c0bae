"""People with a browser: each has a log-in and speaks to the one port of the installation."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = "a" * 32


@dataclass
class Answer:
    """Status 0 means that the connection broke before an answer came."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def process(self) -> int:
        """The process that answered."""
        return int(self.headers.get("x-process", "0"))


@dataclass
class Person:
    """Somebody who is logged in. `broken` counts connections that ended without an answer; `words` what refusals said."""

    port: int
    user_id: int
    cookie: str = ""
    broken: int = 0
    refused: list[Answer] = field(default_factory=list)

    def enter(self) -> Person:
        """Log in."""
        answer = self.insist("GET", f"/enter/{self.user_id}/")
        assert answer.status == 204, answer.text
        return self

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = urlencode(fields or {}) if method == "POST" else None
        headers = {"Cookie": f"csrftoken={TOKEN}; sessionid={self.cookie}", "X-CSRFToken": TOKEN, **headers}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return Answer(0, {}, "")
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name == "Set-Cookie" and value.startswith("sessionid="):
                self.cookie = value.split("=", 1)[1].split(";")[0]
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def insist(self, method: str, path: str, fields: dict[str, str] | None = None, *, seconds: float = 60, **headers: str) -> Answer:
        """Ask again while the connection breaks or the page says that it does not work right now, as people do."""
        end = time.monotonic() + seconds
        while True:
            answer = self.ask(method, path, fields, **headers)
            if answer.status not in (0, 503) or time.monotonic() > end:
                return answer
            if answer.status:
                self.refused.append(answer)
            time.sleep(0.3)

    def act(self, name: str, **fields: str) -> Answer:
        """A click on the block's page, repeated until it gets through."""
        return self.insist("POST", f"/handler/act/{name}", fields)


def together(calls, hands: int = 8) -> list:
    """Run the calls on so many threads; their results in order. The first error ends the test."""
    with ThreadPoolExecutor(hands) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]
