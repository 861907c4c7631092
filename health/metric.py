"""A metric of CloudWatch, and where a component's metrics are found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Text = TypeVar("Text", covariant=True)
"""`str` where everything is known. In the program also an output."""
STATISTIC = re.compile(r"Average|Maximum|Minimum|SampleCount|Sum|p\d{1,2}(\.\d{1,2})?")


@dataclass(frozen=True, kw_only=True)
class MetricSource(Generic[Text]):
    """Where one thing's metrics are: their namespace, and the dimensions that tell it from others of its kind."""

    namespace: str
    dimensions: Mapping[str, Text]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A series of numbers about one thing, and the statistic that is taken of each period."""

    name: str
    statistic: str
    by: tuple[str, ...] = ()
    """The dimensions of the thing that its publisher sends with this metric. By fewer or more there is no series."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """More dimensions, with values that are the same for every stack."""

    def __post_init__(self) -> None:
        if not STATISTIC.fullmatch(self.statistic):
            raise ValueError(f"{self.name}: {self.statistic} is no statistic of CloudWatch")

    def dimensions(self, source: MetricSource[Text]) -> dict[str, Text | str]:
        """All dimensions of the series."""
        return {**{name: source.dimensions[name] for name in self.by}, **self.tags}
