"""What the tests of voting share: a clock that can be set, browsers, and what the page's script sends."""

import base64
import json
import re

from django.test import Client
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.kernel import blind
from quxin.orgs.accounts import create_account
from quxin.portal import ballots
from tests import cast

CODE = re.compile(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){3}")
MANY_QUESTIONS = [
    {"id": "overall", "text": "总体评价", "scale": "five-grades"},
    {
        "id": "where", "text": "问题在哪里", "ask": {"question": "overall", "in": [2, 1]}, "most": 2,
        "choices": [{"id": "rude", "title": "态度生硬"}, {"id": "slow", "title": "办事拖拉"}, {"id": "fees", "title": "乱收费"}],
    },
    {"id": "in-time", "text": "按时办结", "scale": "yes-no", "required": False},
    {"id": "clean", "text": "公正廉洁", "scale": "yes-no", "required": False},
    {"id": "words", "text": "您想说的话", "words": 20},
]  # fmt: skip


def at(name: str, round_) -> str:
    return reverse(f"portal:{name}", args=[round_.code])


def logged_in(person, tree) -> Client:
    """The browser of somebody with an account; it has opened the page, so it has the page's token."""
    account = create_account(
        username=f"u{person.pk}", organisation=tree.jiangsu, person=person, actor=SYSTEM, now=cast.NOW,
        password=cast.PASSWORD,
    ).account  # fmt: skip
    client = Client(enforce_csrf_checks=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post_json(client, address: str, content, **headers):
    return client.post(address, json.dumps(content), content_type="application/json", headers=headers)


def ask(client, round_, card: str = "", blinded=None):
    """What the page's script sends to tokens/."""
    token = "" if card else re.search(r'data-account="([^"]*)"', client.get(at("vote", round_)).content.decode())[1]
    content = {"card": card} | ({} if blinded is None else {"blinded": blinded})
    return post_json(client, at("vote_tokens", round_), content, **({"X-CSRFToken": token} if token else {}))


def fetched(client, round_, card: str = "") -> list[dict]:
    """Everything that the script does until it has its tokens."""
    keys = ask(client, round_, card).json()["keys"]
    made = {}
    for key in keys:
        message = blind.prepare()
        made[key["id"]] = (message, blind.blind(base64.b64decode(key["spki"]), message))
    asked = {key: base64.b64encode(hidden.message).decode() for key, (_, hidden) in made.items()}
    signed = ask(client, round_, card, asked).json()["signed"]
    tokens = []
    for key in keys:
        message, hidden = made[key["id"]]
        signature = blind.finalize(
            base64.b64decode(key["spki"]), message, base64.b64decode(signed[key["id"]]), hidden.inverse
        )
        tokens.append(
            {"key": key["id"], "subject": key["subject"], "message": message.hex(),
             "signature": base64.b64encode(signature).decode()}
        )  # fmt: skip
    return tokens


def ballot(round_, token: dict, answers=None, **given) -> dict:
    return {"round": round_.code, "answers": answers or {"overall": 5}, "nonce": "0123456789abcdef" * 2} | token | given


def cast_json(content, language: str = "") -> tuple[int, dict]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ballots.take_ballot(body, language)


def drawn(client, round_, card: str) -> tuple[str, list[str]]:
    """The plain form behind a card: its page, and its hidden tokens."""
    page = client.post(at("vote_exchange", round_), {"card": card, "weaker": "1"}).content.decode()
    return page, re.findall(r'name="token" value="([^"]+)"', page)
