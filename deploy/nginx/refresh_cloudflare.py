#!/usr/bin/env python3
"""Bring snippets/cloudflare.conf up to date with Cloudflare's published networks.

    refresh_cloudflare.py [--check] [--then COMMAND]

Whoever is in that list may say who the client is, so a list that does not look right
is refused and the file stays. COMMAND (reload.sh) runs only after a change; if it
fails, the old file comes back. `--check` writes nothing, and ends with 1 if there is
something to do. Needs nothing but Python; run it weekly and commit what changes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import urllib.request
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

LISTS = ("https://www.cloudflare.com/ips-v4", "https://www.cloudflare.com/ips-v6")
FILE = Path(__file__).resolve().parent / "snippets/cloudflare.conf"
TIMEOUT_SECONDS = 15
MAX_BYTES = 20_000
# Both lists together had 22 networks for years.
FEWEST, MOST = 10, 60
# A network of /7 or wider is no network of Cloudflare's.
WIDEST_PREFIX = 8
HEAD = """\
# Cloudflare's networks: only from there is CF-Connecting-IP believed. Written by
# deploy/nginx/refresh_cloudflare.py from Cloudflare's own lists; do not edit by hand.
"""

Network = IPv4Network | IPv6Network


class Refused(Exception):
    """The list is not what it should be; its text says why."""


def fetch(url: str) -> str:
    """Return what the address answers. Raises OSError, also after 15 seconds."""
    request = urllib.request.Request(url, headers={"User-Agent": "karima-store"})  # noqa: S310 addresses of ours
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        text: str = answer.read(MAX_BYTES).decode("ascii", "replace")
    return text


def networks_of(text: str) -> list[Network]:
    """Return the networks of a list, one a line. Raises Refused."""
    found: list[Network] = []
    for line in text.split():
        try:
            network = ip_network(line)
        except ValueError:
            raise Refused(f"{line[:60]!r} is no network") from None
        if network.prefixlen < WIDEST_PREFIX:
            raise Refused(f"{network} is wider than /{WIDEST_PREFIX}")
        if not network.is_global:
            raise Refused(f"{network} is not on the Internet")
        found.append(network)
    return found


def checked(texts: list[str]) -> list[Network]:
    """Return the networks of all lists. Raises Refused, also for too few."""
    found = [network for text in texts for network in networks_of(text)]
    if not FEWEST <= len(found) <= MOST:
        raise Refused(f"{len(found)} networks; {FEWEST} to {MOST} are plausible")
    if {network.version for network in found} != {4, 6}:
        raise Refused("one of the two lists is empty")
    if len(set(found)) != len(found):
        raise Refused("a network is listed twice")
    return found


def written(networks: list[Network]) -> str:
    """Return the file's text."""
    return HEAD + "".join(f"set_real_ip_from {network};\n" for network in networks)


def replace(file: Path, text: str) -> None:
    """Write the file whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as new:
        new.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(file)


def refresh(file: Path, text: str, then: str) -> None:
    """Write the new list and run the command. Raises Refused if that fails."""
    before = file.read_text(encoding="ascii")
    replace(file, text)
    if then and subprocess.run(then, shell=True, check=False).returncode:  # noqa: S602 the operator's own command
        replace(file, before)
        raise Refused(f"{then!r} failed; the list from before is back")


def main(
    arguments: list[str], lists: tuple[str, ...] = LISTS, file: Path = FILE
) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--then", default="", help="command after a change")
    options = parser.parse_args(arguments)
    try:
        text = written(checked([fetch(url) for url in lists]))
        if text == file.read_text(encoding="ascii"):
            print("up to date")
            return 0
        if options.check:
            print(f"{file} is not what Cloudflare says")
            return 1
        refresh(file, text, options.then)
    except (OSError, Refused) as problem:
        print(f"refused, nothing is changed: {problem}", file=sys.stderr)
        return 1
    print(f"written: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
