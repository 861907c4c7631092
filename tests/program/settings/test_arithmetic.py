"""Properties of the arithmetic of addresses and windows, tried on many examples."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chart.addresses import cluster_dns, without
from components.parts.subnets import divide
from settings.windows import DAYS, MINUTES_A_DAY, overlap

WEEK = 7 * MINUTES_A_DAY


@st.composite
def networks(draw: st.DrawFn, *, shortest: int = 0, longest: int = 32, inside: str = "0.0.0.0/0") -> str:
    """An IPv4 network."""
    around = IPv4Network(inside)
    prefix = draw(st.integers(max(shortest, around.prefixlen), longest))
    offset = draw(st.integers(0, 2 ** (prefix - around.prefixlen) - 1)) << (32 - prefix)
    return f"{around.network_address + offset}/{prefix}"


vpcs = networks(shortest=16, longest=20, inside="10.0.0.0/8")


@given(vpc=vpcs, zones=st.integers(2, 3))
def test_subnets_lie_in_the_vpc_and_never_meet(vpc: str, zones: int) -> None:
    """No address belongs to two subnets, and none lies outside."""
    subnets = divide(vpc, zones)
    ranges = [IPv4Network(each) for each in (*subnets.private, *subnets.public, *subnets.data)]
    assert len(ranges) == 3 * zones
    assert all(each.subnet_of(IPv4Network(vpc)) for each in ranges)
    assert not [pair for pair in combinations(ranges, 2) if pair[0].overlaps(pair[1])]


@given(vpc=vpcs)
def test_a_third_zone_moves_no_subnet(vpc: str) -> None:
    """A stack of two zones can grow to three without replacing a subnet."""
    two, three = divide(vpc, 2), divide(vpc, 3)
    assert three.private[:2] == two.private
    assert three.public[:2] == two.public
    assert three.data[:2] == two.data


@given(vpc=vpcs, zones=st.integers(2, 3))
def test_subnets_are_large_enough(vpc: str, zones: int) -> None:
    """Also in the smallest VPC a zone has a thousand addresses for pods, and each other subnet what AWS demands: eight
    free ones for a load balancer (AWS keeps five)."""
    subnets = divide(vpc, zones)
    assert all(IPv4Network(each).num_addresses - 5 >= 1000 for each in subnets.private)
    assert all(IPv4Network(each).num_addresses - 5 >= 100 for each in (*subnets.public, *subnets.data))


@given(cidr=networks(longest=30), holes=st.lists(networks(), max_size=5), data=st.data())
@example(cidr="0.0.0.0/0", holes=["10.0.0.0/16", "10.0.0.0/16", "169.254.169.254/32"], data=None)
def test_a_range_without_its_holes_has_every_other_address_and_none_of_theirs(
    cidr: str, holes: list[str], data: st.DataObject | None
) -> None:
    """An address is in the result if and only if it is in the range and in no hole; edges of holes are tried first."""
    around, gaps = IPv4Network(cidr), [IPv4Network(hole) for hole in holes]
    left = [IPv4Network(each) for each in without(cidr, holes)]
    edges = [
        int(each.network_address) + step
        for each in gaps
        for step in (-1, 0, each.num_addresses - 1, each.num_addresses)
    ]
    more = data.draw(st.lists(st.integers(0, around.num_addresses - 1), max_size=20)) if data else []
    for number in [*edges, *(int(around.network_address) + offset for offset in more)]:
        if not 0 <= number < 2**32:
            continue
        address = IPv4Address(number)
        expected = address in around and not any(address in gap for gap in gaps)
        assert any(address in each for each in left) == expected, address


@given(cidr=networks(longest=30), holes=st.lists(networks(), max_size=5))
def test_a_range_without_its_holes_is_as_short_as_can_be(cidr: str, holes: list[str]) -> None:
    """No two ranges of the result meet, or are the two halves of one."""
    left = [IPv4Network(each) for each in without(cidr, holes)]
    for one, other in combinations(left, 2):
        assert not one.overlaps(other)
        assert one.prefixlen == 0 or one.prefixlen != other.prefixlen or one.supernet() != other.supernet()


@given(cidr=networks(longest=30), inside=st.data())
def test_holes_inside_the_range_are_all_that_is_missing(cidr: str, inside: st.DataObject) -> None:
    """Counted: what is left and the hole make the whole."""
    hole = inside.draw(networks(inside=cidr))
    left = sum(IPv4Network(each).num_addresses for each in without(cidr, [hole]))
    assert left + IPv4Network(hole).num_addresses == IPv4Network(cidr).num_addresses


@given(services=networks(shortest=12, longest=24, inside="172.16.0.0/12"))
def test_the_resolver_has_the_tenth_address_of_the_services(services: str) -> None:
    """EKS gives it that address: https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html"""
    assert int(IPv4Network(cluster_dns(services)).network_address) == int(IPv4Network(services).network_address) + 10


def clock(minute: int) -> str:
    """HH:MM."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def minutes(start: int, length: int) -> set[int]:
    """The minutes of the week that a span covers."""
    return {(start + minute) % WEEK for minute in range(length)}


@settings(max_examples=300)
@given(
    day=st.integers(0, MINUTES_A_DAY - 1),
    day_length=st.integers(30, MINUTES_A_DAY - 1),
    week=st.integers(0, WEEK - 1),
    week_length=st.integers(30, MINUTES_A_DAY),
)
@example(day=1430, day_length=60, week=0, week_length=30)
@example(day=0, day_length=30, week=WEEK - 30, week_length=60)
@example(day=0, day_length=30, week=WEEK - 30, week_length=30)
@example(day=60, day_length=60, week=120, week_length=60)
@example(day=60, day_length=60, week=0, week_length=60)
def test_windows_overlap_when_they_share_a_minute(day: int, day_length: int, week: int, week_length: int) -> None:
    """Counted minute by minute, around midnight and around the week."""
    end = (week + week_length) % WEEK
    daily = f"{clock(day)}-{clock(day + day_length)}"
    weekly = f"{DAYS[week // MINUTES_A_DAY]}:{clock(week)}-{DAYS[end // MINUTES_A_DAY]}:{clock(end)}"
    every_day = {minute for each in range(7) for minute in minutes(each * MINUTES_A_DAY + day, day_length)}
    assert overlap(daily, weekly) == bool(every_day & minutes(week, week_length))
