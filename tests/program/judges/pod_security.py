"""The Pod Security Standards, levels `baseline` and `restricted`, as Kubernetes' admission controller applies them.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ (controls up to Kubernetes 1.34). No library on the
Python index evaluates them offline. Stricter than admission in one thing: a pod with `hostUsers: false` gets no relief.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .manifests import Manifest, PodTemplate, pod_templates
from .plain import items, mapping

Level = Literal["baseline", "restricted"]
Finding = tuple[str, str]
"""Path and what is wrong there."""
Check = Callable[[PodTemplate], Iterator[Finding]]

_SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    }
)
_DEFAULT_CAPABILITIES = frozenset(
    {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"}
    | {"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_RESTRICTED_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_SECCOMP_TYPES = frozenset({"RuntimeDefault", "Localhost"})
_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


@dataclass(frozen=True)
class Violation:
    """One field of one pod that the level forbids."""

    control: str
    level: Level
    owner: str
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.owner}: {self.path}: {self.problem} ({self.level}: {self.control})"


def violations(manifests: Iterable[Manifest], *, level: Level = "restricted") -> list[Violation]:
    """Everything in these manifests' pods that keeps a namespace of that level from admitting them."""
    found: list[Violation] = []
    for pod in pod_templates(manifests):
        # Restricted first: where both levels judge one field, its message is the one that says what is needed.
        seen: set[str] = set()
        for of_level, control, check in _CONTROLS:
            if of_level == "restricted" and level == "baseline":
                continue
            for path, problem in check(pod):
                if path in seen:
                    continue
                seen.add(path)
                found.append(Violation(control=control, level=of_level, owner=pod.owner, path=path, problem=problem))
    return found


def _security_contexts(pod: PodTemplate) -> Iterator[tuple[str, dict[str, Any]]]:
    yield f"{pod.path}.securityContext", mapping(pod.spec, "securityContext")
    yield from _container_contexts(pod)


def _container_contexts(pod: PodTemplate) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, container in pod.containers():
        yield f"{path}.securityContext", mapping(container, "securityContext")


def _host_process(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _security_contexts(pod):
        if mapping(context, "windowsOptions").get("hostProcess"):
            yield f"{path}.windowsOptions.hostProcess", "must be unset or false"


def _host_namespaces(pod: PodTemplate) -> Iterator[Finding]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(field):
            yield f"{pod.path}.{field}", "must be unset or false"


def _privileged(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _container_contexts(pod):
        if context.get("privileged"):
            yield f"{path}.privileged", "must be unset or false"


def _baseline_capabilities(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _container_contexts(pod):
        added = set(items(mapping(context, "capabilities"), "add"))
        if extra := added - _DEFAULT_CAPABILITIES:
            yield f"{path}.capabilities.add", f"must not add {', '.join(sorted(extra))}"


def _host_path(pod: PodTemplate) -> Iterator[Finding]:
    for volume in items(pod.spec, "volumes"):
        if "hostPath" in volume:
            yield f"{pod.path}.volumes[{volume['name']}]", "hostPath is forbidden"


def _host_ports(pod: PodTemplate) -> Iterator[Finding]:
    for path, container in pod.containers():
        for port in items(container, "ports"):
            if port.get("hostPort"):
                yield f"{path}.ports[{port['containerPort']}].hostPort", f"must be unset, not {port['hostPort']}"


def _host_probes(pod: PodTemplate) -> Iterator[Finding]:
    for path, container in pod.containers():
        lifecycle = mapping(container, "lifecycle")
        handlers = {probe: mapping(container, probe) for probe in ("livenessProbe", "readinessProbe", "startupProbe")}
        handlers |= {f"lifecycle.{hook}": mapping(lifecycle, hook) for hook in ("postStart", "preStop")}
        for name, handler in handlers.items():
            for kind in ("httpGet", "tcpSocket"):
                if host := mapping(handler, kind).get("host"):
                    yield f"{path}.{name}.{kind}.host", f"must be unset, not {host!r}"


def _app_armor(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _security_contexts(pod):
        profile = mapping(context, "appArmorProfile").get("type")
        if profile not in (None, "RuntimeDefault", "Localhost"):
            yield f"{path}.appArmorProfile.type", f"must be RuntimeDefault or Localhost, not {profile!r}"
    for key, value in pod.annotations.items():
        allowed = value in ("", "runtime/default") or value.startswith("localhost/")
        if key.startswith(_APPARMOR_ANNOTATION) and not allowed:
            path = pod.path.removesuffix("spec") + f"metadata.annotations[{key}]"
            yield path, f"must be runtime/default or localhost/*, not {value!r}"


def _selinux(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _security_contexts(pod):
        options: dict[str, Any] = mapping(context, "seLinuxOptions")
        if options.get("type", "") not in _SELINUX_TYPES:
            yield f"{path}.seLinuxOptions.type", f"must be a container type, not {options['type']!r}"
        for field in ("user", "role"):
            if options.get(field):
                yield f"{path}.seLinuxOptions.{field}", "must be unset"


def _proc_mount(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _container_contexts(pod):
        if context.get("procMount") not in (None, "Default"):
            yield f"{path}.procMount", "must be unset or Default"


def _seccomp_unconfined(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _security_contexts(pod):
        profile = context.get("seccompProfile")
        if profile is not None and profile.get("type") not in _SECCOMP_TYPES:
            yield f"{path}.seccompProfile.type", f"must be RuntimeDefault or Localhost, not {profile.get('type')!r}"


def _sysctls(pod: PodTemplate) -> Iterator[Finding]:
    for sysctl in items(mapping(pod.spec, "securityContext"), "sysctls"):
        if sysctl["name"] not in _SAFE_SYSCTLS:
            yield f"{pod.path}.securityContext.sysctls[{sysctl['name']}]", "is not a safe sysctl"


def _volume_types(pod: PodTemplate) -> Iterator[Finding]:
    for volume in items(pod.spec, "volumes"):
        kinds = {kind for kind, source in volume.items() if kind != "name" and source is not None}
        # A volume without a source is an emptyDir: the API server fills that in before admission looks.
        if forbidden := kinds - _RESTRICTED_VOLUMES:
            yield f"{pod.path}.volumes[{volume['name']}]", f"type {', '.join(sorted(forbidden))} is forbidden"


def _escalation(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _container_contexts(pod):
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{path}.allowPrivilegeEscalation", "must be false"


def _non_root(pod: PodTemplate) -> Iterator[Finding]:
    of_pod = mapping(pod.spec, "securityContext").get("runAsNonRoot")
    if of_pod is False:
        yield f"{pod.path}.securityContext.runAsNonRoot", "must be true"
    for path, context in _container_contexts(pod):
        own = context.get("runAsNonRoot")
        if own is False or (own is None and of_pod is not True):
            yield f"{path}.runAsNonRoot", "must be true, here or for the pod"


def _root_user(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _security_contexts(pod):
        if context.get("runAsUser") == 0:
            yield f"{path}.runAsUser", "must not be 0"


def _seccomp_required(pod: PodTemplate) -> Iterator[Finding]:
    of_pod = (mapping(mapping(pod.spec, "securityContext"), "seccompProfile")).get("type")
    for path, context in _container_contexts(pod):
        if context.get("seccompProfile") is None and of_pod not in _SECCOMP_TYPES:
            yield f"{path}.seccompProfile.type", "must be RuntimeDefault or Localhost, here or for the pod"


def _restricted_capabilities(pod: PodTemplate) -> Iterator[Finding]:
    for path, context in _container_contexts(pod):
        capabilities: dict[str, Any] = mapping(context, "capabilities")
        if "ALL" not in items(capabilities, "drop"):
            yield f"{path}.capabilities.drop", "must contain ALL"
        if extra := set(items(capabilities, "add")) - {"NET_BIND_SERVICE"}:
            yield f"{path}.capabilities.add", f"must not add {', '.join(sorted(extra))}"


_CONTROLS: tuple[tuple[Level, str, Check], ...] = (
    ("restricted", "Volume Types", _volume_types),
    ("restricted", "Privilege Escalation", _escalation),
    ("restricted", "Running as Non-root", _non_root),
    ("restricted", "Running as Non-root user", _root_user),
    ("restricted", "Seccomp", _seccomp_required),
    ("restricted", "Capabilities", _restricted_capabilities),
    ("baseline", "HostProcess", _host_process),
    ("baseline", "Host Namespaces", _host_namespaces),
    ("baseline", "Privileged Containers", _privileged),
    ("baseline", "Capabilities", _baseline_capabilities),
    ("baseline", "HostPath Volumes", _host_path),
    ("baseline", "Host Ports", _host_ports),
    ("baseline", "Host Probes / Lifecycle Hooks", _host_probes),
    ("baseline", "AppArmor", _app_armor),
    ("baseline", "SELinux", _selinux),
    ("baseline", "/proc Mount Type", _proc_mount),
    ("baseline", "Seccomp", _seccomp_unconfined),
    ("baseline", "Sysctls", _sysctls),
)
