"""What YAML offers and a manifest must not use: each is refused in words, with its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitrain.yaml import events
from gitrain.yaml.parse import parse

BOMB = b"\n".join(
    [b"a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]"]
    + [
        b"a%d: &a%d [%s]" % (level, level, b",".join([b"*a%d" % (level - 1)] * 9))
        for level in range(1, 9)
    ]
)

HOSTILE = [
    ("a duplicate key", b"a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1),
    ("a duplicate key in a flow mapping", b"a: {b: 1, b: 2}\n", "duplicate-key", 1, 11),
    ("a merge key", b"a: &x {b: 1}\nc:\n  <<: *x\n", "merge-key", 3, 3),
    ("an alias bomb", BOMB, "too-many-values", 5, None),
    ("a self-reference", b"a: &a\n  - *a\n", "self-reference", 2, 5),
    ("an unknown alias", b"a: *b\n", "unknown-alias", 1, 4),
    ("a foreign tag", b"a: !foo 1\n", "foreign-tag", 1, 4),
    ("a Python tag", b"a: !!python/object/apply:os.system [ls]\n", "foreign-tag", 1, 4),
    ("a binary tag", b"a:\n  - !!binary aGk=\n", "foreign-tag", 2, 5),
    ("a tag that lies", b"a: !!int x\n", "foreign-tag", 1, 4),
    ("infinity", b"a:\n  b: .inf\n", "not-finite", 2, 6),
    ("not a number", b"a: .NaN\n", "not-finite", 1, 4),
    ("a float beyond all floats", b"a: 1e999\n", "huge-number", 1, 4),
    ("an integer beyond 64 bits", b"a: 9223372036854775808\n", "huge-number", 1, 4),
    ("an integer of 5,000 digits", b"a: " + b"9" * 5000, "huge-number", 1, 4),
    ("a number as key", b"a:\n  1: x\n", "non-string-key", 2, 3),
    ("a mapping as key", b"? {a: 1}\n: 2\n", "non-string-key", 1, 3),
    ("deep nesting", b"a: " + b"[" * 5000, "too-deep", 1, 35),
    ("deep nesting in blocks", b"".join(b" " * i + b"a:\n" for i in range(60)), "too-deep", 33, 33),
    ("a file over 1 MiB", b"a: " + b"x" * (1 << 20), "too-large", 1, 1),
    ("a tab as indentation", b"a:\n\tb: 1\n", "tab", 2, 1),
    ("a NUL", b"a: 1\nb: x\x00y\n", "control-character", 2, 5),
    ("an escape character", b"a: \x1b[31m\n", "control-character", 1, 4),
    ("an escaped bell", b'a: 1\nb: "\\x07"\n', "control-character", 2, 4),
    ("an old Mac line end", b"a: 1\rb: 2\n", "control-character", 1, 5),
    ("a direction override", "a: x\u202ey\n".encode(), "control-character", 1, 5),
    ("a line break in a key", b'"a\\nb": 1\n', "control-character", 1, 1),
    ("a byte order mark", b"\xef\xbb\xbfa: 1\n", "encoding", 1, 1),
    ("UTF-16", "a: 1\n".encode("utf-16"), "encoding", 1, 1),
    ("UTF-16 without a mark", "a: 1\n".encode("utf-16-be"), "encoding", 1, 1),
    ("Latin-1", b"a: 1\nb: \xe9\xe9\n", "encoding", 2, 4),
    ("an open list", b"a: 1\nb: [1, 2\nc: 3\n", "yaml-syntax", 2, 4),
    ("an open quote", b'a: "x\nb: 1\n', "yaml-syntax", 1, 4),
    ("a colon in a text", b"a: b: c\n", "yaml-syntax", 1, 5),
    ("an at sign", b"a: @b\n", "yaml-syntax", 1, 4),
    ("an expression without quotes", b"a: {b: ${{vars.x}}, c: 1}\n", "yaml-syntax", 1, None),
]


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [pytest.param(*row[1:], id=row[0]) for row in HOSTILE],
)
def test_a_hostile_document_is_refused_at_its_place(parser, data, code, line, column):
    start = time.process_time()
    parsed = parse(data)

    flaw = parsed.flaws[0]
    assert (flaw.code, flaw.line) == (code, line)
    assert column is None or flaw.column == column
    assert flaw.message
    assert flaw.suggestion
    assert time.process_time() - start < 1


def test_the_classic_alias_bomb_is_small():
    assert len(BOMB) < 450


def test_ordinary_aliases_are_fine(parser):
    parsed = parse(b"a: &x {b: [1, 2]}\nc: *x\nd: &y text\ne: *y\n")

    assert not parsed.flaws
    value = {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "text", "e": "text"}
    assert parsed.documents[0].value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        (".5e3", 500.0),
        ("1_000", 1000),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("-5", -5),
        ("1.0", 1.0),
        ("yes", "yes"),
        ("on", "on"),
        ("True", True),
        ("~", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("+", "+"),
        ("=", "="),
        ("'8'", "8"),
        ("!!str 8", "8"),
        ("!!float 8", 8.0),
        ("! 8", "8"),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_scalars_are_those_of_yaml_1_2(parser, text, value):
    parsed = parse(f"a: {text}\n".encode())

    assert not parsed.flaws
    read = parsed.documents[0].value["a"]
    assert (read, type(read)) == (value, type(value))


def test_windows_line_ends_are_fine(parser):
    assert parse(b"a: 1\r\nb: |\r\n  x\r\n").documents[0].value == {"a": 1, "b": "x\n"}


def test_a_file_may_have_several_documents(parser):
    bodies = parse(b"---\na: 1\n---\nb: 2\n---\n").documents

    assert [(body.value, body.line) for body in bodies[:2]] == [({"a": 1}, 2), ({"b": 2}, 4)]


def test_every_flaw_of_the_values_is_reported(parser):
    flaws = parse(b"a: .inf\nb: !x 1\nc: 1\nc: 2\n1: 2\n").flaws

    assert [(flaw.code, flaw.line) for flaw in flaws] == [
        ("not-finite", 1),
        ("foreign-tag", 2),
        ("duplicate-key", 4),
        ("non-string-key", 5),
    ]


def test_a_file_full_of_flaws_ends_early(parser):
    flaws = parse(b"\n".join(b"- .inf" for _ in range(10_000))).flaws

    assert flaws[-1].code == "too-many-problems"
    assert len(flaws) < 200


WORDS = st.sampled_from(
    [
        *(
            "a",
            "b: ",
            ": ",
            "- ",
            "? ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "\n",
            "  ",
            "\t",
            "&a ",
            "*a ",
            "!",
        ),
        *("!!int ", "|", ">", "'", '"', "#", "%YAML 1.1\n", "---\n", "...\n", "<<", "~", "1e3"),
        *("\\x", "\x85", "\ufeff", "\u2028", "é", "😀", "${{vars.x}}", "\r", "@", "`", "0x_", "._"),
    ]
)


@pytest.mark.parametrize("pure", [False, True])
@settings(max_examples=200, deadline=None)
@given(words=st.lists(WORDS, max_size=40))
def test_yamlish_text_is_read_or_refused_but_never_raises(pure, words):
    assert_harmless("".join(words).encode(), pure)


@pytest.mark.parametrize("pure", [False, True])
@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=80))
def test_bytes_are_read_or_refused_but_never_raise(pure, data):
    assert_harmless(data, pure)


def assert_harmless(data: bytes, pure: bool) -> None:
    kept = events.CParser
    events.CParser = None if pure else kept
    try:
        parsed = parse(data)
    finally:
        events.CParser = kept
    lines = data.count(b"\n") + data.count(b"\r") + 2
    for flaw in parsed.flaws:
        assert 1 <= flaw.line <= lines
        assert flaw.column >= 1
        assert flaw.message
