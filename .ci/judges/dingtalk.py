"""DingTalk's official PyPI package dingtalk-stream in one conversation: it listens, answers and sends cards.

Its host comes from its own environment variable DINGTALK_OPENAPI_ENDPOINT, which the test sets.
"""

import asyncio
import base64
import json
import logging
import os
import traceback

import dingtalk_stream
import requests
from dingtalk_stream import AckMessage, CallbackHandler, CardReplier, ChatbotHandler, ChatbotMessage, DingTalkStreamClient

from judge import EMULATOR, Deviation, call, check, click, last, say, until

CLIENT_ID = os.environ["JUDGE_DINGTALK_ID"]
TEMPLATE = os.environ["JUDGE_DINGTALK_TEMPLATE"]
GROUP = os.environ["JUDGE_DINGTALK_GROUP"]
LINA = os.environ["JUDGE_LINA"]

CARD = {
    "title": "新线索",
    "state": "待领取",
    "fields": json.dumps([{"name": "客户", "value": "华东精密"}]),
    "buttons": json.dumps([{"text": "为什么", "color": "gray", "action": {"type": "sendCardRequest", "params": {"actionId": "why", "params": {"action": "why"}}}}]),
    "form": json.dumps({"fields": [{"name": "action", "type": "TEXT", "hidden": True, "defaultValue": "claim"}, {"name": "why", "label": "原因", "type": "TEXT"}]}),
    "form_label": "领取",
}


class Complaints(logging.Handler):
    """Collects what the SDK logs as errors: it does not raise them."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


class Listener(ChatbotHandler):
    """Answers every message by its sessionWebhook."""

    def __init__(self):
        super().__init__()
        self.heard = asyncio.Queue()

    async def process(self, callback):
        message = ChatbotMessage.from_dict(callback.data)
        replied = await asyncio.to_thread(self.reply_text, "三位客户", message)
        self.heard.put_nowait((message, replied, callback.headers.connection_id))
        return AckMessage.STATUS_OK, "OK"


class Clicks(CallbackHandler):
    """Answers every click with the same change of the card."""

    def __init__(self):
        super().__init__()
        self.seen = asyncio.Queue()

    async def process(self, callback):
        self.seen.put_nowait(dingtalk_stream.CardCallbackMessage.from_dict(callback.data))
        return AckMessage.STATUS_OK, {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "cardData": {"cardParamMap": {"closed": "已被李娜领取"}},
            "userPrivateData": {"cardParamMap": {"state": "你已领取", "toast": "领取成功"}},
        }


def connected():
    return call("GET", "/_emulator/stats")["dingtalk"]["connections"] == 1


async def told(queue, what):
    try:
        return await asyncio.wait_for(queue.get(), 10)
    except asyncio.TimeoutError:
        raise Deviation(f"waited in vain: {what}") from None


async def hears(listener, conversation):
    await asyncio.to_thread(say, "dingtalk", "lina", "今日", conversation)
    message, replied, connection = await told(listener.heard, "the bot message")
    check("sender", (message.sender_staff_id, message.sender_nick, message.robot_code), (LINA, "李娜", CLIENT_ID))
    check("text", (message.message_type, message.text.content.strip()), ("text", "今日"))
    check("conversationType", message.conversation_type, "2" if conversation else "1")
    check("sessionWebhook", replied and replied["errcode"], 0)
    check("the reply in the chat", last("dingtalk", "lina", conversation)["text"], "三位客户")
    return message, connection


async def sends(client, message, conversation, send):
    """Sends a card with one of the SDK's two ways, has it clicked, and changes it."""
    replier = CardReplier(client, message)
    track = await asyncio.to_thread(getattr(replier, send), TEMPLATE, CARD, at_sender=True)
    seen = last("dingtalk", "lina", conversation).get("card") or {}
    check(f"the card of {send}", (seen.get("id"), seen.get("title")), (track, "新线索"))
    return replier, track


async def is_clicked(clicks, conversation, track):
    outcome = await asyncio.to_thread(click, "dingtalk", "lina", "claim", conversation, {"why": "near"})
    check("outcome of the click", outcome, {"accepted": True, "toast": "领取成功"})
    callback = await told(clicks.seen, "the card callback")
    check("callback", (callback.card_instance_id, callback.user_id), (track, LINA))
    want = {"actionIds": ["form"], "params": {"form": {"action": "claim", "why": "near"}}}
    check("content", callback.content["cardPrivateData"], want)
    card = last("dingtalk", "lina", conversation)["card"]
    check("after the click", (card["note"], card["state"], card["actions"]), ("已被李娜领取", "你已领取", []))


async def updates(replier, track, conversation):
    options = {"updateCardDataByKey": True}
    await asyncio.to_thread(replier.put_card_data, track, {"title": "老线索"}, cardUpdateOptions=options)
    card = last("dingtalk", "lina", conversation)["card"]
    check("after the update", (card["title"], card["note"]), ("老线索", "已被李娜领取"))


def led_here():
    """dingtalk-stream has the host of its uploads as a constant. It calls it through requests, which leads it here; the package itself stays as it was published."""
    send = requests.Session.send
    fixed = "https://oapi.dingtalk.com"

    def redirected(session, request, **more):
        if request.url.startswith(fixed):
            request.url = EMULATOR + request.url[len(fixed):]
        return send(session, request, **more)

    requests.Session.send = redirected


async def uploads(client, listener):
    """Uploads a picture, and fetches a file that somebody sent, both with the SDK's own calls."""
    picture = b"\x89PNG judged"
    media = await asyncio.to_thread(client.upload_to_dingtalk, picture)
    check("media id", media.startswith("@"), True)
    check("the uploaded picture", requests.get(f"{EMULATOR}/emulated-media/{media}", timeout=10).content, picture)
    content = "客户,电话\n华东精密,13800000000\n".encode()
    body = {"platform": "dingtalk", "person": "lina", "name": "客户.csv", "content": base64.b64encode(content).decode()}
    await asyncio.to_thread(call, "POST", "/_emulator/files", body)
    message, _, _ = await told(listener.heard, "the file")
    check("the file", (message.message_type, message.extensions["content"]["fileName"]), ("file", "客户.csv"))
    address = await asyncio.to_thread(listener.get_image_download_url, message.extensions["content"]["downloadCode"])
    check("its content", requests.get(address, timeout=10).content, content)


async def outlives(listener, first):
    """The connection stands several pings, and a retired one is followed by another."""
    await asyncio.sleep(float(os.environ["JUDGE_PINGS_SECONDS"]))
    _, connection = await hears(listener, "")
    check("the connection after several pings", connection, first)
    retired = await asyncio.to_thread(call, "POST", "/_emulator/disconnections", {"cut": False})
    check("retired", retired, {"connections": 1})
    await asyncio.to_thread(until, "the next stream connection", connected)
    _, connection = await hears(listener, "")
    check("another connection", connection != first, True)


async def conversation(complaints):
    client = DingTalkStreamClient(dingtalk_stream.Credential(CLIENT_ID, os.environ["JUDGE_DINGTALK_SECRET"]))
    listener, clicks = Listener(), Clicks()
    client.register_callback_handler(ChatbotMessage.TOPIC, listener)
    client.register_callback_handler(CallbackHandler.TOPIC_CARD_CALLBACK, clicks)
    _running = asyncio.create_task(client.start())  # named, or it would be collected; it ends with the process
    await asyncio.to_thread(until, "the stream connection", connected)
    for place in ("", GROUP):
        message, connection = await hears(listener, place)
        for send in ("create_and_deliver_card", "create_and_send_card"):
            replier, track = await sends(client, message, place, send)
            check("complaints of the SDK", complaints.texts, [])
            await is_clicked(clicks, place, track)
            await updates(replier, track, place)
    await uploads(client, listener)
    await outlives(listener, connection)
    check("complaints of the SDK", complaints.texts, [])


async def verdict(complaints):
    """Ends the process: the SDK swallows its cancellation and would sleep before its next connection."""
    try:
        await asyncio.wait_for(conversation(complaints), 50)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    print("ok", flush=True)
    os._exit(0)


def main():
    led_here()
    complaints = Complaints()
    for name in ("client", "handler", "card_replier"):
        logging.getLogger("dingtalk_stream." + name).addHandler(complaints)
    asyncio.run(verdict(complaints))


main()
