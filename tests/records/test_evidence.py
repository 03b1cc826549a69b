"""Evidence comes back as it was archived, or is refused."""

import io
import re
import tarfile

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from offsite.records import Evidence, EvidenceError, Report, Write, load_evidence, save_evidence

PATHS = st.text(
    st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1, max_size=40
)


def _evidence(files):
    report = Report(status="done", confidence=0.5, summary="x")
    writes = tuple(Write(path=p, change="created", size=len(c)) for p, c in files.items())
    return Evidence("digest", report, writes, files, {"big.bin": "too large"}, {"ran": 3})


@given(st.dictionaries(PATHS, st.binary(max_size=200), max_size=8))
def test_round_trip(tmp_path_factory, files):
    path = tmp_path_factory.mktemp("e") / "evidence.tar.zst"
    evidence = _evidence(files)
    save_evidence(evidence, path)
    assert load_evidence(path) == evidence


def test_the_same_evidence_gives_the_same_bytes(tmp_path):
    evidence = _evidence({"a": b"1", "b/c": b"2"})
    first = save_evidence(evidence, tmp_path / "1")
    assert first == save_evidence(evidence, tmp_path / "2")


def test_a_changed_file_is_refused(tmp_path):
    path = tmp_path / "evidence.tar.zst"
    save_evidence(_evidence({"a.txt": b"right"}), path)
    plain = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=1 << 20)
    path.write_bytes(zstandard.ZstdCompressor().compress(plain.replace(b"right", b"wrong")))
    with pytest.raises(EvidenceError, match=r"a\.txt is not what the manifest says"):
        load_evidence(path)


@given(st.binary(max_size=300))
def test_garbage_is_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("e") / "evidence.tar.zst"
    path.write_bytes(content)
    with pytest.raises(EvidenceError):
        load_evidence(path)


def test_no_member_is_named_by_an_agent(tmp_path):
    path = tmp_path / "evidence.tar.zst"
    save_evidence(_evidence({"../../etc/passwd": b"x", "/tmp/y": b"y"}), path)
    plain = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=1 << 20)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        names = tar.getnames()
    assert all(re.fullmatch(r"manifest\.json|files/[0-9a-f]{64}", name) for name in names)
