"""What the Python judges share: the emulator's control API, and verdicts."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

EMULATOR = os.environ["JUDGE_EMULATOR"]


class Deviation(Exception):
    """What an SDK found wrong with the emulator."""


def check(what, got, want):
    """Ends the judge with a message unless got equals want."""
    if got != want:
        raise Deviation(f"{what}: got {got!r}, want {want!r}")


def call(method, path, body=None):
    """Speaks JSON with the emulator."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(EMULATOR + path, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)
    except urllib.error.HTTPError as err:
        raise Deviation(f"{method} {path}: {err.code} {err.read().decode()}") from err


def say(platform, person, text, conversation=""):
    """A person writes; conversation "" is the single chat with the bot."""
    answer = call("POST", "/_emulator/messages", {"platform": platform, "person": person, "conversation": conversation, "text": text})
    check(f"{person} says {text}", answer, {"accepted": True, "toast": ""})


def last(platform, person, conversation=""):
    """The newest message that a person sees in a conversation."""
    query = urllib.parse.urlencode({"platform": platform, "person": person, "last": 1})
    for chat in call("GET", "/_emulator/conversations?" + query):
        if chat["id"] == conversation:
            return chat["messages"][-1]
    raise Deviation(f"{person} has no conversation {conversation!r}")


def click(platform, person, action, conversation="", inputs=None):
    """A person presses a button of the newest card; returns what the product shows after it."""
    message = last(platform, person, conversation)["id"]
    body = {"platform": platform, "person": person, "message": message, "action": action, "inputs": inputs or {}}
    return call("POST", "/_emulator/clicks", body)


def until(what, holds):
    """Asks again and again for up to ten seconds, for what the control API tells but does not announce."""
    end = time.monotonic() + 10
    while not holds():
        if time.monotonic() > end:
            raise Deviation(f"waited in vain: {what}")
        time.sleep(0.01)
