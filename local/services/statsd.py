"""In place of CloudWatch's agent: takes what Airflow sends by StatsD, and keeps it as the agent would send it on.

An own small one. PyPI has clients; its servers have had no release for years, and send to Graphite. So the rules are
read from the agent (plugins/inputs/statsd of aws/amazon-cloudwatch-agent): each interval has the sum of a counter, the
last value of a gauge, and all values of a timing; then everything is forgotten, gauges too. Names stay as they are
(`metric_separator` is a dot), and each series has the dimension `metric_type` and one for each tag.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from local.ports import LOOPBACK
from local.processes.process import Process, python
from local.services.series import Key, Series
from local.state import State

NAME = "statsd"
SECONDS = 10.0
"""`metrics_collection_interval` of the agent. Alarms read whole minutes."""
KINDS = {"c": "counter", "g": "gauge", "ms": "timing", "h": "histogram"}
LARGEST = 65_536
BUFFER = 4 * 2**20
log = logging.getLogger(NAME)


class Interval:
    """What was heard since the interval began."""

    def __init__(self) -> None:
        self.heard: dict[Key, list[float]] = {}

    def hear(self, packet: str) -> None:
        """Take the lines of a packet. One that nobody understands is logged, and left out."""
        for line in filter(None, map(str.strip, packet.splitlines())):
            try:
                self._take(line)
            except (ValueError, KeyError):
                log.warning("not understood: %.200s", line)

    def _take(self, line: str) -> None:
        bucket, _, values = line.partition(":")
        if not values:
            raise ValueError(line)
        for value in values.split(":"):
            number, kind, *rest = value.split("|")
            rate = next((float(each[1:]) for each in rest if each.startswith("@")), 1.0)
            self._add(_key(bucket, kind), number, kind, rate)

    def _add(self, key: Key, number: str, kind: str, rate: float) -> None:
        match kind:
            case "c":
                # The agent counts in whole numbers.
                self.heard[key] = [self.heard.get(key, [0.0])[0] + int(float(number) / rate)]
            case "g" if number.startswith(("+", "-")):
                self.heard[key] = [self.heard.get(key, [0.0])[0] + float(number)]
            case "g":
                self.heard[key] = [float(number)]
            case _:
                self.heard.setdefault(key, []).append(float(number))


def _key(bucket: str, kind: str) -> Key:
    name, *tags = bucket.split(",")
    pairs = {"metric_type": KINDS[kind]}
    for tag in tags:
        key, _, value = tag.partition("=")
        if key and value:
            pairs[key] = value
    return Key(name=name, dimensions=tuple(sorted(pairs.items())), wire=f"{bucket}|{kind}")


def process(*, state: State, port: int, seconds: float) -> Process:
    """The collector."""
    return Process(name=NAME, command=python("local.services.statsd", port, seconds, state.series), directory=state.run)


def answers(port: int) -> bool:
    """Whether it listens. It sends an empty packet back, which the agent does not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        try:
            asking.connect((LOOPBACK, port))
            asking.send(b"")
            return asking.recv(1) == b""
        except OSError:
            return False


def serve(*, port: int, seconds: float, file: Path) -> None:
    """Listen until told to stop. What was heard by then is written, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Series(file, write=True) as series, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        # Whoever sends does not wait. While this process is frozen, the kernel keeps as much as this.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listening.bind((LOOPBACK, port))
        while True:
            _collect(listening, series, seconds)


def _collect(listening: socket.socket, series: Series, seconds: float) -> None:
    """One interval. They begin at whole multiples, as periods of alarms do."""
    begin = time.time() // seconds * seconds
    interval = Interval()
    try:
        while (left := begin + seconds - time.time()) > 0:
            listening.settimeout(left)
            try:
                packet, sender = listening.recvfrom(LARGEST)
            except TimeoutError:
                # Perhaps a moment too early. Another round would write over this interval.
                continue
            if packet:
                interval.hear(packet.decode(errors="replace"))
            else:
                listening.sendto(b"", sender)
    finally:
        series.add(begin, interval.heard)


def main(arguments: Sequence[str]) -> None:
    port, seconds, file = arguments
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    serve(port=int(port), seconds=float(seconds), file=Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
