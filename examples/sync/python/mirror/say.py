"""What is told of the work: lines of JSON."""

import json


def say(**what):
    print(json.dumps(what, ensure_ascii=False), flush=True)
