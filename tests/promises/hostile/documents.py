"""Documents that mean harm: sound manifests bent in their structure and in their text, and YAML
that has nothing to do with a manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.root import ROOT

CORPUS = ROOT / "tests/promises/corpus"
SOUND = tuple(
    path.read_bytes()
    for folder in ("project/jobs", "projects")
    for path in sorted((CORPUS / folder).rglob("*.y*ml"))
)
VALUES = tuple(
    document for text in SOUND for document in YAML(typ="safe", pure=True).load_all(text)
)

# Texts that would steer a terminal, forge a command to a CI's log, or lead out of the project.
TEXTS = (
    *("\x1b[2J\x1b[31mred", "\x9b31m", "a\rb", "a\nb", "a\tb", "\x00", "\x07", "\x7f", "\u2028"),
    *("::error::forged", "a\n::set-output name=x::y", "##[command]rm", " ::stop-commands::x"),
    *("\u202eexe.fdp", "\u2066x\u2069", "\u200b", "\ufeffx", "\ud800", "\U000e0041", "e\u0301"),
    *("..", "../..", "../../../etc/passwd", "/etc/passwd", "/", ".", "", " ", "~", "~/x", "a/../b"),
    *("con", "-rf", "--help", "$(id)", "`id`", "a;b", "%n%s", "{0}", "{x!r}", "<b>", "@all", "|"),
    *("${{", "}}", "${{}}", "${{ }}", "${{inputs.x}}", "${{vars.data_root}}", "${{vars.none}}"),
    *("${{outputs.m}}", "${{jobs.prep.outputs.m}}", "${{jobs.hostile.outputs.m}}", "${{a${{b}}}}"),
    *("azureml:a:1", "azureml:a@latest", "azureml:", "azureml://datastores/w/paths/x", "http://x"),
    *("git+https://x", "file:///etc", "s3://b", "accuracy >= 1e999", "max(a) > previous - 1"),
    *("1e3", "0x1F", "017", "1_0", "1:30:00", "2026-01-01", "yes", "no", "on", "null", "<<", "="),
    *("a" * 41, "a" * 300, "k" * 70_000, "é" * 5_000, "[" * 2_000, "ghp_" + "A" * 36, "x" * 257),
)
NUMBERS = (0, -1, 1, 10**6, 2**31, 2**63 - 1, -(2**63), 2**63, 10**30, 1e308, -0.0, 1e-320, 0.1)
BLOCKS = (
    *(b"&a ", b"*a", b"!!python/object/apply:os.system [id]", b"!!binary aGk=", b"!x ", b"! "),
    *(b"|", b">-\n", b"? ", b": ", b"- ", b"\n", b"\n\n", b"---\n", b"...\n", b"<<: *a\n"),
    *(b"%YAML 1.1\n", b"%TAG ! x\n", b"%YAML 1.99999999999\n", b"#", b" #", b"\t", b"  "),
    *(b"{", b"}", b"[", b"]", b",", b"'", b'"', b"\\x", b"@", b"`", b"~", b"a: a: a"),
    *(b"\x00", b"\x1b[31m", b"\r", b"\r\n", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf"),
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b'"\\ud800"', b'"\\e[31m"', b'"\\0"', b"${{vars.x}}"),
    *(b"1e999", b".inf", b".nan", b"0b" + b"1" * 99, b"9" * 5_000, b"name: hostile\n", b"spec:\n"),
    *(b"kind: Job\n", b"apiVersion: gitrain/v1\n", b"overrides: {x: 1}\n"),
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.text(max_size=20),
    st.floats(allow_nan=False, allow_infinity=False),
)
keys = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(("command", "inputs", "code", "env", "value", "type", "path", "name", "spec")),
    st.text(max_size=10),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """A sound document of which a few values were changed, written in one style or the other."""
    value = draw(st.sampled_from(VALUES))
    for _ in range(draw(st.integers(1, 4))):
        value = changed(draw, value)
    if draw(st.booleans()):
        return json.dumps(value, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    return "\n".join(block(value)).encode(errors="surrogatepass")


def changed(draw: st.DrawFn, value: Any) -> Any:
    """One value in it is replaced, removed, added, or given another key. The rest is shared."""
    inside = isinstance(value, dict | list) and len(value) > 0
    if not inside or draw(st.integers(0, 5)) == 0:
        return draw(values)
    steps = list(value) if isinstance(value, dict) else range(len(value))
    step = draw(st.sampled_from(steps))
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    match draw(st.integers(0, 7)):
        case 0:
            del copy[step]
        case 1 if isinstance(copy, dict):
            copy[draw(keys)] = draw(values)
        case 2 if isinstance(copy, dict):
            copy[draw(keys)] = copy.pop(step)
        case 3 if isinstance(copy, list):
            copy += copy * draw(st.integers(1, 20))
        case _:
            copy[step] = changed(draw, copy[step])
    return copy


def block(value: Any, indent: str = "") -> Iterator[str]:
    """A value in block style; its texts as JSON, which YAML reads with another grammar."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield f"{indent}{json.dumps(str(key), ensure_ascii=False)}:"
            yield from block(inner, indent + "  ")
    elif isinstance(value, list) and value:
        for inner in value:
            yield f"{indent}-"
            yield from block(inner, indent + "  ")
    else:
        yield indent + json.dumps(value, ensure_ascii=False)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """The text of a sound document after a few cuts, copies and insertions anywhere in it."""
    text = bytearray(draw(st.sampled_from(SOUND)))
    for _ in range(draw(st.integers(1, 6))):
        at, size = draw(st.integers(0, len(text))), draw(st.integers(0, 40))
        there = bytes(text[at : at + size])
        text[at : at + size] = draw(
            st.sampled_from((b"", there * 2, draw(st.sampled_from(SOUND))[:400]))
            | st.sampled_from(BLOCKS)
            | st.binary(max_size=4)
        )
    return bytes(text)


wild = st.lists(
    st.one_of(
        st.sampled_from(BLOCKS),
        st.sampled_from([text.encode(errors="surrogatepass") for text in TEXTS]),
    ),
    max_size=60,
).map(b"".join)

documents = st.one_of(bent(), torn(), wild, st.binary(max_size=200))
