"""One Python client lists all deals of a portal, as its own documentation says it is done fastest.

    python list_deals.py fast_bitrix24|b24pysdk|b24pysdk_lazy WEBHOOK

Prints one JSON object: seconds of the listing alone (imports are not counted), rows, whether they came in key order.
"""

import json
import sys
import time
from urllib.parse import urlsplit

PARAMS = {"select": ["ID", "TITLE"]}


def with_fast_bitrix24(webhook):
    from fast_bitrix24 import Bitrix

    client = Bitrix(webhook, verbose=False)
    started = time.perf_counter()
    keys = [int(row["ID"]) for row in client.get_all("crm.deal.list", PARAMS)]
    return time.perf_counter() - started, keys


def with_b24pysdk(webhook, lazy=False):
    from b24pysdk import BitrixWebhook, Client

    address = urlsplit(webhook)
    token = "/".join(address.path.strip("/").split("/")[1:])
    client = Client(BitrixWebhook(domain=address.netloc, webhook_token=token))
    started = time.perf_counter()
    request = client.crm.deal.list(select=PARAMS["select"])
    rows = request.as_list_fast().result if lazy else request.as_list().result
    keys = [int(row["ID"]) for row in rows]
    return time.perf_counter() - started, keys


def with_b24pysdk_lazy(webhook):
    return with_b24pysdk(webhook, lazy=True)


CLIENTS = {
    "fast_bitrix24": with_fast_bitrix24,
    "b24pysdk": with_b24pysdk,
    "b24pysdk_lazy": with_b24pysdk_lazy,
}


def main():
    name, webhook = sys.argv[1:]
    seconds, keys = CLIENTS[name](webhook)
    ordered = all(a < b for a, b in zip(keys, keys[1:]))
    print(json.dumps({"seconds": seconds, "rows": len(set(keys)), "ordered": ordered}))


if __name__ == "__main__":
    main()
