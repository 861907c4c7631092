"""A DAG bundle of releases: RELEASE_BUNDLE of chart/values.py names it in `dag_bundle_config_list`.

A run names the release that it started with, and its tasks get exactly that one. They read it from the host's disk
without a single request. A host that never had it downloads it from the bucket. The dag-processor looks for a new
release with one conditional request. A release that cannot be fetched, or that is not what its name says, changes
nothing: the last good release stays.

Airflow's own cleanup (`[dag_processor] stale_bundle_cleanup_*`) removes old releases from the disk. It runs in the
dag-processor and beside each Celery worker, and spares what is locked. So releases lie where it looks for them
(`versions_dir`), and each one in use is locked from `initialize` on, not only while a task runs.
"""

from __future__ import annotations

import logging
import weakref
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import (
    BaseDagBundle,
    BundleVersion,
    BundleVersionLock,
    get_bundle_tracking_file,
)

from releases.format import NAME, ReleaseError
from runtime.release_cache import ReleaseCache, State
from runtime.release_store import Found, MissingError, ReleaseStore

FAILURES = "alisio.dag_release.refresh_failures"
SWITCHES = "alisio.dag_release.switches"

log = logging.getLogger(__name__)


class ReleaseDagBundle(BaseDagBundle):
    """DAGs from the releases in a bucket.

    :param bucket_name: the bucket
    :param prefix: the folder in it that holds `current.json` and `releases/`
    :param aws_conn_id: Airflow's connection to AWS; None for boto3's own search for credentials
    """

    supports_versioning = True

    def __init__(
        self, *, bucket_name: str, prefix: str = "", aws_conn_id: str | None = "aws_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._store = ReleaseStore(bucket=bucket_name, prefix=prefix, aws_conn_id=aws_conn_id)
        self._cache = ReleaseCache(self.base_dir, self.versions_dir)
        self._release: str | None = self.version
        self._follows = False
        self._lock: BundleVersionLock | None = None

    def initialize(self) -> None:
        """Bring the files to disk: those of the run's release, or else of the current one as far as it is known.

        Without a version the bucket is asked only if no process of this host asked within `refresh_interval`, and never
        while another process is asking.
        """
        if self.version:
            self._hold(_valid(self.version))
        elif not self._is_fresh(self._cache.state()):
            self._look(wait=self._known() is None)
        else:
            self._adopt(self._cache.state())
        super().initialize()

    def refresh(self) -> None:
        """Switch to the release that the pointer names now. A failure is logged and counted, and changes nothing."""
        if self.version:
            raise ReleaseError(
                f"bundle {self.name}: a run's release ({self.version}) never changes; there is no refresh"
            )
        self._look(wait=True)
        self._follows = True

    def get_current_version(self) -> BundleVersion | None:
        """The release, or None while nothing is published."""
        return BundleVersion(version=self._release) if self._release else None

    @property
    def path(self) -> Path:
        """A folder that does not change as long as this object lives, unless `refresh` was called.

        The dag-processor calls it, and keeps the paths of files in a queue across refreshes. So it gets a path that
        stays the same, and leads to the current release.
        """
        if self.version or (self.is_initialized and not self._follows):
            return self._cache.path(self._release)
        return self._cache.current

    def __repr__(self) -> str:
        return f"<ReleaseDagBundle(name={self.name!r}, place={self._store.place!r}, version={self.version!r})>"

    def _look(self, *, wait: bool) -> None:
        with self._cache.looking(wait=wait) as alone:
            if not alone:
                self._adopt(self._cache.state())
                return
            known = self._known()
            try:
                self._take(self._asked(known))
            except (ReleaseError, OSError) as error:
                self._failed(error, known)
            self._cache.note_look()

    def _asked(self, known: State | None) -> Found | None:
        try:
            return self._store.pointer(unless=known.etag if known else None)
        except MissingError as error:
            # In a new bucket this is normal. Where there are releases, or were, something went wrong.
            if known and known.release:
                raise
            if self._store.has_releases():
                raise ReleaseError(f"{error}, but there are releases: publish, or roll back to one of them") from None
        log.warning("DAG bundle %s: no release published yet in %s", self.name, self._store.place)
        self._cache.note(release=None, etag=None)
        return None

    def _take(self, found: Found | None) -> None:
        if found is None:
            state = self._cache.state()
            self._adopt(state)
            self._cache.switch(state.release if state else None)
            return
        pointer, before = found.pointer, self._release
        try:
            self._hold(pointer.release)
        except MissingError as error:
            raise ReleaseError(f"the pointer names a release whose archive is gone: {error}") from None
        self._cache.switch(pointer.release)
        self._cache.note(release=pointer.release, etag=found.etag)
        if pointer.release != before:
            _count(SWITCHES)
            log.info(
                "DAG bundle %s: release %s, published by %s at %s, commit %s, %d files; before: %s",
                *(self.name, pointer.release, pointer.published_by, pointer.published_at, pointer.commit),
                *(len(pointer.files), before),
            )

    def _failed(self, error: Exception, known: State | None) -> None:
        _count(FAILURES)
        if known is None:
            raise ReleaseError(
                f"DAG bundle {self.name}: no release is on this host yet, and none can be had: {error}"
            ) from None
        log.error("DAG bundle %s: stays with release %s: %s", self.name, known.release, error)
        self._adopt(known)

    def _known(self) -> State | None:
        """The last good release, if it is still on disk."""
        state = self._cache.state()
        if state is None or (state.release and not self._cache.has(state.release)):
            return None
        return state

    def _is_fresh(self, state: State | None) -> bool:
        return state is not None and state.seconds_ago < self.refresh_interval

    def _adopt(self, state: State | None) -> None:
        if state is None:
            raise ReleaseError(f"DAG bundle {self.name}: another process on this host is bringing the first release")
        if state.release:
            self._hold(state.release)
        self._release = state.release

    def _hold(self, release: str) -> None:
        """Bring a release to disk, and keep Airflow's cleanup away from it as long as this object uses it."""
        if self._lock and self._lock.version == release and self._cache.has(release):
            return
        lock = self._acquired(release)
        try:
            if not self._cache.has(release):
                self._cache.install(release, lambda target: self._store.fetch(release, target))
        except Exception as error:
            lock.release()
            if not self._cache.path(release).exists():
                # A tracking file without its release makes Airflow's cleanup fail, and it never runs again.
                get_bundle_tracking_file(self.name, release).unlink(missing_ok=True)
            if self.version and isinstance(error, MissingError):
                raise _gone(release, error) from None
            raise
        before, self._lock, self._release = self._lock, lock, release
        weakref.finalize(self, lock.release)
        if before:
            before.release()

    def _acquired(self, release: str) -> BundleVersionLock:
        """Airflow's lock of a version. The tracking file, which the cleanup reads, is there too."""
        tracking = get_bundle_tracking_file(self.name, release)
        while True:
            lock = BundleVersionLock(self.name, release)
            try:
                lock.acquire()
            except OSError as error:
                # With `run_as_user` a task has two users, and the first one holds the lock. Airflow goes on here too.
                log.warning("DAG bundle %s: release %s is used without a lock: %s", self.name, release, error)
                return lock
            if tracking.exists():
                return lock
            # The cleanup removed the release, and this file, while we waited for the lock.
            lock.release()


def _valid(version: str) -> str:
    if not NAME.fullmatch(version):
        raise ReleaseError(f"{version!r} is not a release: a release is named by 64 hexadecimal digits")
    return version


def _gone(release: str, error: Exception) -> ReleaseError:
    return ReleaseError(
        f"the run started with release {release}, which is no longer in the bucket ({error}): it was pruned. "
        "Clear the run with the latest version of its DAG, or publish the commit of that release again: "
        "the same files make the same release"
    )


def _count(metric: str) -> None:
    from airflow.observability import stats

    stats.incr(metric)
