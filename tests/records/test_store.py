"""The run store: what is over stays, what is damaged is named."""

import fcntl
import json
import tempfile
import threading

import pytest
from offsite.records.errors import InputError
from offsite.records.index import trial_rows
from offsite.records.instance import File, Instance, pack_instance, unpack_instance
from offsite.records.run import RunRecord, SuiteRef
from offsite.records.schemas import FOLDER, schema_files
from offsite.records.sockets import socket_path
from offsite.records.store import RunBusy, RunStore, StoreError, find_runs, is_held
from offsite.records.trial import TrialPlan, TrialRecord


def _run(n: int = 3) -> RunRecord:
    return RunRecord(
        id="r1",
        created=0,
        suite=SuiteRef(name="s", version="1", digest="d"),
        whole_suite=True,
        tasks=(),
        agents=(),
        seeds=(0,),
        repeats=1,
        sandbox="local",
        versions={},
        concurrency=1,
        trials=tuple(TrialPlan(id=f"t{i}", task="f/t", seed=i, agent="a") for i in range(n)),
    )


def _record(run: RunRecord, number: int) -> TrialRecord:
    return TrialRecord(
        run=run.id,
        plan=run.trials[number],
        instance=None,
        ending="sandbox_failed",
        attempts=(),
        task_digest="d",
        ended=1.0,
    )


@pytest.fixture
def store(tmp_path):
    return RunStore.create(tmp_path / "r1", _run())


def test_a_run_comes_back(store):
    assert store.run() == _run()
    assert [found.id for found in find_runs(store.folder.parent)] == ["r1"]


def test_a_folder_is_never_taken_twice(store):
    with pytest.raises(StoreError, match="is there already"):
        RunStore.create(store.folder, _run())


def test_a_corrupt_trial_is_named_and_counts_as_missing(store):
    store.save_trial(_record(_run(), 0))
    (store.trial_folder("t1") / "trial.json").write_text('{"schema_version": 1, "run"')
    assert [record.plan.id for record in store.trials()] == ["t0"]
    ((trial, cause),) = store.corrupt()
    assert trial == "t1"
    assert "t1/trial.json: is damaged" in cause
    assert [row.trial for row in trial_rows(store)] == ["t0"]


def test_a_trial_of_a_newer_offsite_is_no_missing_one(store):
    store.save_trial(_record(_run(), 0))
    path = store.trial_folder("t0") / "trial.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 2}))
    for read in (store.corrupt, lambda: list(store.trials()), lambda: trial_rows(store)):
        with pytest.raises(StoreError, match=r"t0/trial\.json: schema_version: is 2.*update"):
            read()


def test_a_trial_that_cannot_be_read_is_no_missing_one(store):
    (store.trial_folder("t1") / "trial.json").mkdir()
    with pytest.raises(StoreError, match=r"t1/trial\.json: Is a directory"):
        list(store.trials())


def test_a_newer_schema_is_refused_with_what_to_do(store):
    path = store.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 99}))
    with pytest.raises(InputError, match=r"run\.json: schema_version: is 99.*update Offsite"):
        store.run()


def test_a_wrong_field_is_named(store):
    path = store.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "repeats": 0}))
    with pytest.raises(StoreError, match=r"run\.json: repeats: "):
        store.run()


def test_only_one_process_holds_a_run(store):
    assert not is_held(store.folder)
    with store.lock():
        assert is_held(store.folder)
        with pytest.raises(RunBusy), store.lock():
            pass
    assert not is_held(store.folder)


def test_who_wants_a_run_waits_for_who_only_looks(store):
    (store.folder / "lock").touch()
    with (store.folder / "lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.05, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        with store.lock():
            pass


def test_a_temporary_folder_that_is_too_deep_for_a_socket(store, tmp_path, monkeypatch):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(InputError, match="too long for a socket; set TMPDIR"):
        socket_path(store.folder)


def test_the_index_follows_the_files_and_can_be_lost(store):
    for number in range(3):
        store.save_trial(_record(_run(), number))
    assert len(trial_rows(store)) == 3
    (store.folder / "trials" / "t2" / "trial.json").unlink()
    assert [row.trial for row in trial_rows(store)] == ["t0", "t1"]
    (store.folder / "index.sqlite").write_bytes(b"this is no database, though long enough" * 100)
    assert [row.trial for row in trial_rows(store)] == ["t0", "t1"]
    (store.folder / "index.sqlite").unlink()
    assert [row.ending for row in trial_rows(store)] == ["sandbox_failed"] * 2


def test_the_checked_in_schemas_are_those_of_the_models():
    for name, content in schema_files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, "run: offsite schemas"


def test_an_instance_can_be_kept_and_damage_is_noticed():
    files = {"a/b.bin": File(bytes(range(256)), 0o600, 5), "ü.txt": File("ß".encode())}
    instance = Instance("f/t", 3, "Do.", files, {"x": [1, None]}, ("true",), "blocked")
    packed = pack_instance(instance)
    assert unpack_instance(packed) == instance
    for damaged in (b"", packed[:-3], pack_instance(instance).replace(b"Do.", b"Go.")):
        if damaged != packed:
            with pytest.raises(ValueError, match="instance"):
                unpack_instance(damaged)
