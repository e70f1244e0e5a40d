"""ncclient against a simulated switch: sessions, locks, edits, commits that are confirmed or undone.

Usage: ncclient_session.py HOST PORT USER PASSWORD INTERFACE
Prints one JSON object for each step that it has checked; exits non-zero at the first that is not
as it should be.
"""

import json
import sys
import time

from lxml import etree
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.transport import AuthenticationError

INTERFACES = "http://openconfig.net/yang/interfaces"
BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
CAPABILITY = "urn:ietf:params:netconf:capability:"
# A confirmed commit of one second must be undone within this many.
PATIENCE = 10


class Switch:
    """One session, and one interface of the switch behind it."""

    def __init__(self, address, user, password, interface):
        host, port = address
        self.session = manager.connect(
            host=host, port=int(port), username=user, password=password, timeout=30,
            hostkey_verify=False, allow_agent=False, look_for_keys=False,
        )
        self.interface = interface

    def edit(self, **leaves):
        """Merges leaves into the interface's configuration in the candidate."""
        self.session.edit_config(target="candidate", config=self.config(**leaves))

    def config(self, interface=None, **leaves):
        config = etree.Element("{%s}config" % BASE, nsmap={None: BASE})
        interfaces = etree.SubElement(config, "{%s}interfaces" % INTERFACES, nsmap={None: INTERFACES})
        entry = etree.SubElement(interfaces, "{%s}interface" % INTERFACES)
        etree.SubElement(entry, "{%s}name" % INTERFACES).text = interface or self.interface
        inner = etree.SubElement(entry, "{%s}config" % INTERFACES)
        leaves = {"name": interface or self.interface, **leaves}
        for name, value in leaves.items():
            etree.SubElement(inner, "{%s}%s" % (INTERFACES, name)).text = value
        return config

    def description(self, source="running"):
        criteria = (
            f'<interfaces xmlns="{INTERFACES}"><interface><name>{self.interface}</name>'
            "<config><description/></config></interface></interfaces>"
        )
        reply = self.session.get_config(source, filter=("subtree", criteria))
        found = reply.data_ele.findall(".//{%s}description" % INTERFACES)
        names = [e.text for e in reply.data_ele.findall(".//{%s}name" % INTERFACES)]
        assert names in ([self.interface], []), names
        assert len(found) <= 1, etree.tostring(reply.data_ele)
        return found[0].text if found else None


def refused(call):
    try:
        call()
    except RPCError as error:
        return error
    raise AssertionError("it was not refused")


def done(step, **evidence):
    print(json.dumps({"step": step, **evidence}), flush=True)


def hello(first, second):
    capabilities = [c.split("?")[0] for c in first.session.server_capabilities]
    for wanted in ["candidate:1.0", "confirmed-commit:1.1", "validate:1.1"]:
        assert CAPABILITY + wanted in capabilities, capabilities
    for wanted in ["urn:ietf:params:netconf:base:1.1", INTERFACES]:
        assert wanted in capabilities, capabilities
    ids = [int(first.session.session_id), int(second.session.session_id)]
    assert ids[0] > 0 and ids[0] != ids[1], ids
    done("hello", sessions=ids)


def wrong_password(address, user, interface):
    try:
        Switch(address, user, "not the password", interface)
    except AuthenticationError as error:
        assert "failed" in str(error), error
        done("wrong password", says=str(error))
        return
    raise AssertionError("a wrong password was let in")


def edit_and_commit(switch):
    text = "written by ncclient & kept <as is> \u00e9"
    switch.edit(description=text)
    switch.session.validate(source="candidate")
    assert switch.description("candidate") == text, switch.description("candidate")
    assert switch.description() is None, switch.description()
    switch.session.commit()
    assert switch.description() == text, switch.description()
    done("edit, validate, commit, read", text=text)


def lock_is_refused(first, second):
    """While the first session holds the lock, the second neither locks nor edits."""
    error = refused(lambda: second.session.lock("candidate"))
    holder = etree.fromstring(error.info.encode()).findtext(".//{*}session-id")
    assert error.tag == "lock-denied", error.tag
    assert holder == str(first.session.session_id), (holder, first.session.session_id)
    edit = refused(lambda: second.edit(description="not allowed"))
    assert edit.tag in ("in-use", "lock-denied"), edit.tag
    done("lock is refused", holder=int(holder), edit=edit.tag)


def lock_is_free(second):
    with second.session.locked("candidate"):
        pass
    done("lock is free")


def not_confirmed(switch):
    before = switch.description()
    switch.edit(description="not to stay")
    switch.session.commit(confirmed=True, timeout="1")
    assert switch.description() == "not to stay", switch.description()
    since = time.monotonic()
    while switch.description() != before:
        assert time.monotonic() < since + PATIENCE, "it was not undone"
    waited = time.monotonic() - since
    assert waited > 0.5, "it was undone too early"
    done("not confirmed, undone", seconds=round(waited, 1))


def confirmed(switch):
    switch.edit(description="to stay")
    switch.session.commit(confirmed=True, timeout="1")
    switch.session.commit()
    stays(switch, "to stay")
    done("confirmed, stays")


def confirmed_by_another(first, second):
    first.edit(description="confirmed by another")
    first.session.commit(confirmed=True, timeout="1", persist="tx-1")
    error = refused(lambda: second.session.commit(persist_id="tx-2"))
    assert error.tag == "invalid-value", error.tag
    second.session.commit(persist_id="tx-1")
    stays(second, "confirmed by another")
    done("confirmed by another session")


def cancelled(switch):
    before = switch.description()
    switch.edit(description="cancelled")
    switch.session.commit(confirmed=True, timeout="600", persist="tx-3")
    assert switch.description() == "cancelled", switch.description()
    switch.session.cancel_commit(persist_id="tx-3")
    assert switch.description() == before, switch.description()
    done("cancelled")


def stays(switch, text):
    """Read again and again until the second of the confirmed commit is well over."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        assert switch.description() == text, switch.description()


def bad_edit(switch):
    """Refused with tag, path and message, and nothing of it is left."""
    before = switch.description()
    config = switch.config(description="half of it", enabled="perhaps")
    error = refused(lambda: switch.session.edit_config(target="candidate", config=config))
    assert error.tag == "invalid-value", error.tag
    assert error.path.strip().endswith("/oc-if:config/oc-if:enabled"), error.path
    assert switch.interface in error.path, error.path
    assert "perhaps" in error.message, error.message
    assert switch.description("candidate") == before
    done("bad edit", path=error.path, message=error.message)


def bad_candidate(switch):
    """An edit may leave the candidate incomplete; validate and commit may not."""
    config = switch.config(interface="new")
    switch.session.edit_config(target="candidate", config=config)
    validate = refused(lambda: switch.session.validate(source="candidate"))
    commit = refused(switch.session.commit)
    for error in [validate, commit]:
        assert error.path and "new" in error.path, error.path
        assert error.message, error.tag
    switch.session.discard_changes()
    switch.session.validate(source="candidate")
    done("bad candidate", path=commit.path, message=commit.message)


def close(first, second):
    first.session.close_session()
    assert not first.session.connected
    with second.session.locked("candidate"):
        second.edit(description="the last word")
        second.session.commit()
    second.session.close_session()
    done("close")


def main(host, port, user, password, interface):
    address = (host, port)
    first, second = (Switch(address, user, password, interface) for _ in range(2))
    hello(first, second)
    wrong_password(address, user, interface)
    with first.session.locked("candidate"):
        edit_and_commit(first)
        lock_is_refused(first, second)
    lock_is_free(second)
    not_confirmed(first)
    confirmed(first)
    confirmed_by_another(first, second)
    cancelled(first)
    bad_edit(first)
    bad_candidate(first)
    close(first, second)


if __name__ == "__main__":
    main(*sys.argv[1:])
