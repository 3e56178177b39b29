"""fast_bitrix24, unmodified, against a running sandbox.

    python fast_bitrix24_check.py WEBHOOK DEALS           no limits: a complete list, batches
    python fast_bitrix24_check.py WEBHOOK DEALS --limited a small bucket: refusals, and a complete list all the same

Ends with 0 when everything holds, with 1 and one line for each failed expectation otherwise.
"""

import argparse
import json
import sys
import urllib.request
from urllib.parse import urlsplit

from fast_bitrix24 import Bitrix
from fast_bitrix24.server_response import ErrorInServerResponseException

ABSENT = 999_999_999

failures = []


def expect(what, got, wanted):
    """Notes one expectation; the check goes on, so that one run shows everything."""
    if got == wanted:
        print(f"  ok: {what}")
    else:
        failures.append(what)
        print(f"  FAILED: {what}: got {got!r}, wanted {wanted!r}")


def page(webhook, path):
    """A page of the sandbox's own, as JSON."""
    address = urlsplit(webhook)
    with urllib.request.urlopen(f"{address.scheme}://{address.netloc}{path}", timeout=60) as answer:
        return json.load(answer)


def client(webhook):
    return Bitrix(webhook, verbose=False)


def complete_list(webhook, deals):
    """get_all: one request for the first page and the total, then pages inside batches."""
    before = page(webhook, "/sandbox/journal")
    rows = client(webhook).get_all("crm.deal.list", {"select": ["ID", "TITLE"]})
    after = page(webhook, "/sandbox/journal")
    expect(f"get_all gives {deals} deals", len(rows), deals)
    expect("every ID once", len({row["ID"] for row in rows}), deals)
    expect("IDs are strings of digits", all(isinstance(row["ID"], str) and row["ID"].isdigit() for row in rows), True)
    expect("every deal has a title", all(row["TITLE"] for row in rows), True)
    return rows, after["requests"] - before["requests"], after["rejected"] - before["rejected"]


def filtered_list(webhook, rows):
    """The library percent-encodes the operator inside batch commands."""
    ids = sorted(int(row["ID"]) for row in rows)
    middle = ids[len(ids) // 2]
    found = client(webhook).get_all("crm.deal.list", {"select": ["ID"], "filter": {">ID": middle}})
    expect("a filter >ID holds in batches too", sorted(int(row["ID"]) for row in found), [i for i in ids if i > middle])


def by_id(webhook, rows):
    """get_by_ID: the IDs themselves are the labels of the batch commands."""
    ids = [int(row["ID"]) for row in rows[:120]]
    found = client(webhook).get_by_ID("crm.deal.get", ids)
    expect("get_by_ID gives every deal under its own ID", {int(k): int(v["ID"]) for k, v in found.items()}, {i: i for i in ids})


def good_batch(webhook, rows):
    """A reference to an earlier command's result, raw as users write it."""
    first, second = rows[0]["ID"], rows[1]["ID"]
    commands = {
        "one": f"crm.deal.get?id={first}",
        "two": f"crm.deal.list?filter[ID]={second}&select[]=ID",
        "three": "crm.deal.get?id=$result[two][0][ID]",
    }
    result = client(webhook).call_batch({"halt": 0, "cmd": commands})
    expect("a good batch answers every command", sorted(result), sorted(commands))
    expect("a batch gives the deal that was asked for", result["one"]["ID"], first)
    expect("a batch resolves $result", result["three"]["ID"], second)


def failing_batch(webhook, rows):
    """One failing command of three: the library raises and the good results are lost with it."""
    first, second = rows[0]["ID"], rows[1]["ID"]
    commands = {"good": f"crm.deal.get?id={first}", "bad": f"crm.deal.get?id={ABSENT}", "also": f"crm.deal.get?id={second}"}
    before = page(webhook, "/sandbox/journal")
    try:
        client(webhook).call_batch({"halt": 0, "cmd": commands})
        expect("a failing command raises ErrorInServerResponseException", "no exception", "an exception")
    except ErrorInServerResponseException as error:
        errors = error.args[0]
        expect("only the failing command is in the exception", list(errors), ["bad"])
        expect("its error code is empty, as on a portal", errors["bad"].get("error"), "")
        expect("its description says why", errors["bad"].get("error_description"), "Not found")
    after = page(webhook, "/sandbox/journal")
    expect("the sandbox executed all three commands", after["commands"] - before["commands"], 3)
    expect("in one request", after["requests"] - before["requests"], 1)


def without_limits(webhook, deals):
    rows, requests, rejected = complete_list(webhook, deals)
    expect("pages travel fifty to a request", requests, 1 + -(-(-(-deals // 50) - 1) // 50))
    expect("nothing was refused", rejected, 0)
    filtered_list(webhook, rows)
    by_id(webhook, rows)
    good_batch(webhook, rows)
    failing_batch(webhook, rows)


def with_limits(webhook, deals):
    """Batches sent at once overflow a small bucket; the library sees 503 and tries again."""
    _, requests, rejected = complete_list(webhook, deals)
    expect("the limit refused some requests", rejected > 0, True)
    expect("refused requests are counted as requests", requests > rejected, True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webhook")
    parser.add_argument("deals", type=int)
    parser.add_argument("--limited", action="store_true")
    arguments = parser.parse_args()
    (with_limits if arguments.limited else without_limits)(arguments.webhook, arguments.deals)
    if failures:
        sys.exit(f"fast_bitrix24: {len(failures)} expectations failed: {'; '.join(failures)}")


if __name__ == "__main__":
    main()
