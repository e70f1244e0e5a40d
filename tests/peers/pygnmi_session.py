"""pygnmi against a simulated switch, over TLS: Capabilities, Get, Set, Subscribe, and refusals.

Usage: pygnmi_session.py HOST PORT USER PASSWORD CA_FILE OTHER_CA_FILE SERVER_NAME INTERFACE
Prints one JSON object for each step that it has checked; exits non-zero at the first that is not
as it should be.
"""

import json
import logging
import sys

import grpc
from pygnmi.client import gNMIclient, gNMIException

PATIENCE = 20
ENCODING = "json_ietf"


class Interface:
    """The paths of one interface."""

    def __init__(self, name):
        self.name = name
        self.entry = f"/interfaces/interface[name={name}]"
        self.config = f"{self.entry}/config"
        self.description = f"{self.config}/description"
        self.mtu = f"{self.config}/mtu"


def connection(address, user, password, authority, name, patience=PATIENCE):
    """`path_cert` alone is what pygnmi verifies the target with."""
    return gNMIclient(
        target=address, username=user, password=password, path_cert=authority, override=name,
        gnmi_timeout=patience,
    )


def get(target, path, **options):
    """What is at a path, by the path that the target gives it."""
    answer = target.get(path=[path], encoding=ENCODING, **options)
    notifications = answer["notification"]
    assert len(notifications) == 1 and notifications[0]["timestamp"] > 0, answer
    return {update["path"]: update.get("val") for update in notifications[0].get("update", [])}


def update(target, *values):
    """pygnmi sends a string as it is, and does not make JSON of it."""
    quoted = [(path, json.dumps(v) if isinstance(v, str) else v) for path, v in values]
    return target.set(update=quoted, encoding=ENCODING)


def value(target, path, **options):
    values = list(get(target, path, **options).values())
    assert len(values) == 1, values
    return values[0]


def refused(call, code):
    try:
        call()
    except gNMIException as error:
        cause = error.orig_exc
        assert isinstance(cause, grpc.RpcError), cause
        assert cause.code() == code, (cause.code(), cause.details())
        assert cause.details(), cause
        return cause.details()
    raise AssertionError("it was not refused")


def done(step, **evidence):
    print(json.dumps({"step": step, **evidence}), flush=True)


def capabilities(target):
    answer = target.capabilities()
    models = [model["name"] for model in answer["supported_models"]]
    assert "openconfig-interfaces" in models, models
    assert all(model["version"] for model in answer["supported_models"]), answer
    assert ENCODING in answer["supported_encodings"], answer
    done("capabilities", version=answer["gnmi_version"], models=len(models))


def get_paths(target, interface):
    whole = value(target, "/interfaces")
    entries = whole["openconfig-interfaces:interface"] if "openconfig-interfaces:interface" in whole else whole["interface"]
    assert interface.name in [entry["name"] for entry in entries], entries
    name = value(target, f"{interface.config}/name")
    assert name == interface.name, name
    every = get(target, "/interfaces/interface[name=*]/config/name")
    assert sorted(every.values()) == sorted(entry["name"] for entry in entries), every
    state = value(target, f"{interface.entry}/state/oper-status", datatype="state")
    assert state == "UP", state
    done("get", interfaces=len(entries))


def set_update(target, interface):
    text = "written by pygnmi & kept <as is> \u00e9"
    answer = update(target, (interface.description, text), (interface.mtu, 9000))
    assert [r["op"] for r in answer["response"]] == ["UPDATE", "UPDATE"], answer
    assert value(target, interface.description) == text
    config = value(target, interface.config)
    assert config == {
        "name": interface.name, "type": "iana-if-type:ethernetCsmacd", "mtu": 9000, "description": text,
    }, config
    done("set update", config=config)


def set_replace(target, interface):
    """What the replacement does not name is gone."""
    new = {"name": interface.name, "type": "iana-if-type:ethernetCsmacd", "mtu": 1500}
    answer = target.set(replace=[(interface.config, new)], encoding=ENCODING)
    assert [r["op"] for r in answer["response"]] == ["REPLACE"], answer
    config = value(target, interface.config)
    assert config == new, config
    done("set replace", config=config)


def set_delete(target, interface):
    answer = target.set(delete=[interface.mtu])
    assert [r["op"] for r in answer["response"]] == ["DELETE"], answer
    refused(lambda: get(target, interface.mtu), grpc.StatusCode.NOT_FOUND)
    done("set delete")


def set_all_or_nothing(target, interface):
    """One bad update, and the good one beside it has no effect."""
    before = value(target, interface.config)
    updates = [(interface.description, "half of it"), (interface.mtu, "many")]
    says = refused(lambda: update(target, *updates), grpc.StatusCode.INVALID_ARGUMENT)
    assert "mtu" in says, says
    assert value(target, interface.config) == before
    done("set all or nothing", says=says)


def set_unquoted(target, interface):
    """A bare word is not JSON."""
    updates = [(interface.description, "bare")]
    says = refused(
        lambda: target.set(update=updates, encoding=ENCODING), grpc.StatusCode.INVALID_ARGUMENT)
    assert "JSON" in says, says
    done("set unquoted", says=says)


def set_invalid(target, interface):
    """The types fit, the configuration does not: an interface needs a type."""
    path = "/interfaces/interface[name=new]/config/name"
    says = refused(lambda: update(target, (path, "new")), grpc.StatusCode.ABORTED)
    assert "type" in says, says
    done("set invalid", says=says)


def bad_paths(target, interface):
    said = []
    for path, code in [
        ("/interfaces/interfered", grpc.StatusCode.NOT_FOUND),
        (f"/interfaces/interface[number={interface.name}]", grpc.StatusCode.INVALID_ARGUMENT),
        ("/interfaces/interface[name=nowhere]", grpc.StatusCode.NOT_FOUND),
    ]:
        said.append(refused(lambda: get(target, path), code))
    done("bad paths", says=said)


def subscription(path, mode, kind="target_defined"):
    return {"subscription": [{"path": path, "mode": kind}], "mode": mode, "encoding": ENCODING}


def values_of(message):
    return {update["path"]: update["val"] for update in message.get("update", {}).get("update", [])}


def subscribe_once(target, interface):
    update(target, (interface.description, "once"))
    subscriber = target.subscribe2(subscribe=subscription(interface.config, "once"))
    seen, synced = {}, False
    while not synced:
        message = subscriber.get_update(PATIENCE)
        seen.update(values_of(message))
        synced = bool(message.get("sync_response"))
    subscriber.close()
    assert seen[interface.description.lstrip("/")] == "once", seen
    assert seen[f"{interface.config}/name".lstrip("/")] == interface.name, seen
    done("subscribe once", leaves=len(seen))


def subscribe_stream(target, interface):
    subscriber = target.subscribe2(
        subscribe=subscription(interface.description, "stream", "on_change"))
    first = subscriber.get_update(PATIENCE)
    assert first.get("sync_response") and list(values_of(first).values()) == ["once"], first
    update(target, (interface.description, "streamed"))
    changed = values_of(subscriber.get_update(PATIENCE))
    assert list(changed.values()) == ["streamed"], changed
    target.set(delete=[interface.description])
    gone = subscriber.get_update(PATIENCE)["update"].get("delete")
    assert [d["path"] for d in gone] == [interface.description.lstrip("/")], gone
    subscriber.close()
    done("subscribe stream")


def subscribe_poll(target, interface):
    update(target, (interface.description, "first poll"))
    subscriber = target.subscribe2(subscribe=subscription(interface.description, "poll"))
    seen = [values_of(subscriber.get_update(PATIENCE))]
    update(target, (interface.description, "second poll"))
    # What follows the subscription by itself is read as the answer to the first poll.
    while list(seen[-1].values()) != ["second poll"]:
        assert len(seen) < 4, seen
        seen.append(values_of(subscriber.get_update(PATIENCE)))
    assert list(seen[0].values()) == ["first poll"], seen
    subscriber.close()
    done("subscribe poll", polls=len(seen))


def strangers(address, user, password, authority, other, name):
    says = refused(
        lambda: connection(address, user, "not the password", authority, name).connect(),
        grpc.StatusCode.UNAUTHENTICATED)
    done("wrong password", says=says)
    try:
        connection(address, user, password, other, name, patience=1).connect()
    except grpc.FutureTimeoutError:
        done("wrong authority")
        return
    raise AssertionError("a certificate of another authority was taken")


def main(host, port, user, password, authority, other, name, interface):
    logging.disable(logging.CRITICAL)
    address, interface = (host, int(port)), Interface(interface)
    with connection(address, user, password, authority, name) as target:
        capabilities(target)
        get_paths(target, interface)
        for step in [
            set_update, set_replace, set_delete, set_all_or_nothing, set_unquoted,
            set_invalid, bad_paths,
            subscribe_once, subscribe_stream, subscribe_poll,
        ]:
            step(target, interface)
    strangers(address, user, password, authority, other, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
