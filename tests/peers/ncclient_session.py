"""ncclient against a simulated switch: edit the candidate, validate, commit, read back.

Usage: ncclient_session.py HOST PORT USER PASSWORD
Prints one JSON object; exits non-zero where anything is not as it should be.
"""

import json
import sys

from ncclient import manager
from ncclient.operations import RPCError

INTERFACES = "http://openconfig.net/yang/interfaces"
EDIT = """
<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
  <interfaces xmlns="{ns}">
    <interface><name>{port}</name><config><name>{port}</name><description>{text}</description></config></interface>
  </interfaces>
</config>
"""


def main(host, port, user, password):
    device = manager.connect(
        host=host, port=int(port), username=user, password=password,
        hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=30,
    )
    with device:
        capabilities = list(device.server_capabilities)
        assert any(c.endswith(":candidate:1.0") for c in capabilities), capabilities
        assert any("confirmed-commit:1.1" in c for c in capabilities), capabilities
        name = first_port(device)
        with device.locked("candidate"):
            text = "written by ncclient & kept <as is>"
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            edit = EDIT.format(ns=INTERFACES, port=name, text=escaped)
            device.edit_config(target="candidate", config=edit)
            device.validate(source="candidate")
            assert text not in descriptions(device, "running")
            device.commit()
            assert text in descriptions(device, "running")
        refused = refuse(device, name)
        print(json.dumps({"session": device.session_id, "port": name, "refused": refused}))


def first_port(device):
    tree = device.get_config("running").data_ele
    return tree.find(".//{%s}interface/{%s}name" % (INTERFACES, INTERFACES)).text


def descriptions(device, source):
    tree = device.get_config(source).data_ele
    return [e.text for e in tree.iter("{%s}description" % INTERFACES)]


def refuse(device, name):
    """A wrong type is refused, with a tag and a path, and nothing is left in the candidate."""
    bad = EDIT.format(ns=INTERFACES, port=name, text="x").replace(
        "<description>x</description>", "<enabled>perhaps</enabled>")
    try:
        device.edit_config(target="candidate", config=bad)
        device.validate(source="candidate")
    except RPCError as error:
        device.discard_changes()
        return error.tag
    raise SystemExit("a wrong type was accepted")


if __name__ == "__main__":
    main(*sys.argv[1:])
