"""What every settings model shares: strict types, camelCase keys, and the types of values."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema


class Settings(BaseModel):
    """A settings model: immutable, without coercion or unknown keys, camelCase in YAML."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        use_attribute_docstrings=True,
    )

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong with this model's fields together. It is only asked when each field is valid by itself."""
        return iter(())


@dataclass(frozen=True)
class Mistake:
    """One mistake in the configuration: its path, the value, and what is allowed."""

    path: str
    allowed: str
    value: object = None

    def under(self, parent: str) -> Mistake:
        """The same mistake, with its path from the model above."""
        separator = "" if not self.path or self.path.startswith("[") else "."
        return Mistake(path=f"{parent}{separator}{self.path}", allowed=self.allowed, value=self.value)

    def __str__(self) -> str:
        shown = "" if self.value is None else f"{_yaml(self.value)}: "
        return f"{self.path}: {shown}{self.allowed}"


def _yaml(value: Any) -> str:
    """A value as a person would write it in the stack file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(map(_yaml, cast('list[Any]', value)))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_yaml(item)}' for key, item in cast('dict[str, Any]', value).items())}}}"
        case _:
            return str(value)


@dataclass(frozen=True)
class Matching(AfterValidator):
    """A text that matches a pattern, here and in the JSON schema."""

    pattern: str
    allowed: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        # Editors with the YAML language server show `patternErrorMessage` instead of the pattern.
        return {**handler(schema), "pattern": f"^({self.pattern})$", "patternErrorMessage": self.allowed}


def matching(pattern: str, allowed: str) -> Matching:
    """A text that matches a pattern. `allowed` says in words what the pattern means."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(allowed)
        return text

    return Matching(check, pattern, allowed)


def _network(check: Callable[[ipaddress.IPv4Network], str | None] | None = None) -> AfterValidator:
    def validate(text: str) -> str:
        try:
            network = ipaddress.IPv4Network(text)
        except ValueError:
            raise ValueError(_not_a_network(text)) from None
        # Python also accepts an address alone and a netmask. AWS accepts neither.
        if str(network) != text:
            raise ValueError(_not_a_network(text))
        if problem := check(network) if check else None:
            raise ValueError(problem)
        return text

    return AfterValidator(validate)


def _not_a_network(text: str) -> str:
    what = "not an IPv4 network in CIDR notation"
    try:
        meant = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return f"{what}, such as 10.0.0.0/16"
    return f"{what}; did you mean {meant}?" if "/" in text else f"{what}; one address alone is {meant}"


def _within(*ranges: str) -> Callable[[ipaddress.IPv4Network], str | None]:
    def check(network: ipaddress.IPv4Network) -> str | None:
        if any(network.subnet_of(ipaddress.IPv4Network(private)) for private in ranges):
            return None
        return f"must lie in one of {', '.join(ranges)}"

    return check


def _closed(network: ipaddress.IPv4Network) -> str | None:
    if network.prefixlen >= 8:
        return None
    return "opens the Kubernetes API to the internet; name networks of /8 or smaller, or leave the list empty"


def _narrow(network: ipaddress.IPv4Network) -> str | None:
    if network.prefixlen >= 8:
        return None
    return "admits everybody who has a route into the VPC; name networks of /8 or smaller"


def unique(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """A list without repeated items."""
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"listed more than once: {', '.join(twice)}")
    return items


RFC_1918 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
Cidr = Annotated[str, _network()]
VpcCidr = Annotated[str, _network(_within(*RFC_1918, "100.64.0.0/10"))]
ServiceCidr = Annotated[str, _network(_within(*RFC_1918))]
"""EKS refuses 100.64.0.0/10 for services: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html"""
ClosedCidr = Annotated[str, _network(_closed)]
NarrowCidr = Annotated[str, _network(_narrow)]
SecurityGroupId = Annotated[str, matching(r"sg-[0-9a-f]{8,17}", "a security group's id, such as sg-0123456789abcdef0")]
Name = Annotated[
    str, matching(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?", "1 to 30 of a-z, 0-9 and hyphen, starting with a letter")
]
Cpu = Annotated[str, matching(r"[1-9]\d*m?", "a Kubernetes CPU quantity: 500m or 2")]
Memory = Annotated[str, matching(r"[1-9]\d*(Mi|Gi)", "a Kubernetes memory quantity: 512Mi or 2Gi")]
_KEY = "[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff_.=+-]+"
Prefix = Annotated[
    str,
    matching(
        rf"({_KEY}( {_KEY})*/)+",
        "a prefix of S3 keys that ends in a slash and does not start with one, such as landing/sales/; of letters up "
        "to ÿ, digits, _ . = + - and single blanks",
    ),
]
"""IAM takes no character beyond ÿ in a policy: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
PrincipalArn = Annotated[
    str,
    matching(
        r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+",
        "the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/admin "
        "(of a role, not of a session: no sts, no assumed-role)",
    ),
]
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""The retentions that CloudWatch Logs accepts."""
