"""pygnmi against a simulated switch: Capabilities, Get, Set, Subscribe ONCE.

Usage: pygnmi_session.py HOST PORT USER PASSWORD CA_FILE SERVER_NAME
Prints one JSON object; exits non-zero where anything is not as it should be.
"""

import json
import sys

from pygnmi.client import gNMIclient


def main(host, port, user, password, ca, name):
    with gNMIclient(
        target=(host, int(port)), username=user, password=password,
        path_root=ca, override=name, gnmi_timeout=30,
    ) as target:
        models = [m["name"] for m in target.capabilities()["supported_models"]]
        assert "openconfig-interfaces" in models, models
        ports = target.get(path=["/interfaces"], encoding="json_ietf")
        first = first_port(ports["notification"][0]["update"][0]["val"])
        path = f"/interfaces/interface[name={first}]/config/description"
        target.set(update=[(path, "written by pygnmi")], encoding="json_ietf")
        got = target.get(path=[path], encoding="json_ietf")
        value = got["notification"][0]["update"][0]["val"]
        assert value == "written by pygnmi", value
        seen = once(target, path)
        assert "written by pygnmi" in seen, seen
        target.set(delete=[path])
        print(json.dumps({"models": len(models), "port": first, "once": seen}))


def first_port(value):
    interfaces = value.get("openconfig-interfaces:interface") or value.get("interface")
    return interfaces[0]["name"]


def once(target, path):
    request = {
        "subscription": [{"path": path, "mode": "target_defined"}],
        "mode": "once", "encoding": "json_ietf",
    }
    values, synced = [], False
    for message in target.subscribe2(subscribe=request):
        if message.get("sync_response"):
            synced = True
            break
        for update in message.get("update", {}).get("update", []):
            values.append(update["val"])
    assert synced, "no sync_response"
    return values


if __name__ == "__main__":
    main(*sys.argv[1:])
