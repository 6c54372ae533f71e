"""Documents made by hand, each with the trick it plays. `found/` holds what fuzzing has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

FOUND = Path(__file__).parent / "found"

K = 1000
MOST = 1 << 20  # bytes that are read of a file


def a_job(spec: str, name: str = "hostile", rest: str = "") -> str:
    return (
        "apiVersion: gitrain/v1\nkind: Job\n"
        f"metadata: {{name: {name}, workspaces: [local, azure]}}\nspec: {spec}\n{rest}"
    )


def flow(count: int, item: str) -> str:
    """`count` items of a flow collection; `#` in an item is its number."""
    return ", ".join(item.replace("#", str(number)) for number in range(count))


def jobs(count: int, spec: str) -> str:
    """`count` jobs, the nth called job-n; `#` in their spec is their number."""
    return "---\n".join(
        a_job(spec.replace("#", str(number)), f"job-{number}") for number in range(count)
    )


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)

SMALL: dict[str, str | bytes] = {
    # What YAML can do
    "alias bomb": BOMB,
    "alias of itself": "a: &a\n  - *a\n",
    "alias of its parent in a manifest": "&a " + a_job("{command: x, inputs: {x: *a}}"),
    "unknown alias": a_job("{command: *nowhere}"),
    "duplicate key": a_job("{command: a, command: b}"),
    "duplicate key by escape": a_job('{command: a, "comm\\x61nd": b}'),
    "merge key": "base: &base {command: x}\n" + a_job("{<<: *base}"),
    "key that is a list": a_job("{? [a, b] : c, command: x}"),
    "key that is a number": a_job("{1: x, command: x}"),
    "key that is null": a_job("{~: x, command: x}"),
    "foreign tag": a_job("{command: !!python/object/apply:os.system [id]}"),
    "local tag": a_job("!job {command: x}"),
    "tag that lies": a_job("{command: x, retries: !!int x}"),
    "tag directive": "%TAG !! tag:example.com,2026:\n---\n" + a_job("{command: !!str x}"),
    "YAML 1.1": "%YAML 1.1\n---\n" + a_job("{command: x, suspend: yes}"),
    "YAML 9.9": "%YAML 9.9\n---\n" + a_job("{command: x}"),
    "endless YAML version": "%YAML 1." + "1" * 5 * K + "\n---\na: 1\n",
    "yes and no": a_job("{command: x, suspend: yes, checkpoints: off}"),
    "sexagesimal": a_job("{command: x, limits: {timeout: 1:30:00}}"),
    "date": a_job("{command: x, inputs: {day: 2026-01-01}}"),
    "octal": a_job("{command: x, retries: 010}"),
    "infinity": a_job("{command: x, inputs: {x: .inf}}"),
    "beyond all floats": a_job("{command: x, inputs: {x: 1e999}}"),
    "beyond 64 bits": a_job("{command: x, inputs: {x: 9223372036854775808}}"),
    "5,000 digits": a_job("{command: x, inputs: {x: " + "9" * 5 * K + "}}"),
    "40,000 binary digits": a_job("{command: x, inputs: {x: 0b" + "1" * 40 * K + "}}"),
    "5,000 brackets": "a: " + "[" * 5 * K,
    "5,000 dashes": "- " * 5 * K,
    "deep blocks": "".join(" " * depth + "a:\n" for depth in range(200)),
    "many documents": "---\n" * 5 * K,
    "empty": "",
    "only a comment": "# nothing\n",
    "a scalar": "hello\n",
    "a list": "- a\n- b\n",
    "no YAML": "{[}\n",
    # Bytes
    "NUL": a_job("{command: 'a\x00b'}"),
    "NULs": b"\x00" * 64,
    "UTF-16": a_job("{command: x}").encode("utf-16"),
    "UTF-16, no mark": a_job("{command: x}").encode("utf-16-le"),
    "UTF-32": a_job("{command: x}").encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf" + a_job("{command: x}").encode(),
    "Latin-1": a_job("{command: caf\xe9}").encode("latin-1"),
    "overlong UTF-8": b"a: \xc0\xaf\n",
    "half a surrogate pair": b"a: \xed\xa0\x80\n",
    "escaped half of a surrogate pair": 'a: "\\ud800"\n',
    "old Mac line ends": a_job("{command: x}").replace("\n", "\r"),
    "a gzip": b"\x1f\x8b\x08\x00" + bytes(range(256)),
    # What would steer a terminal, or forge a command to a CI's log
    "ANSI": a_job("{command: '\x1b[2J\x1b[31mgone'}"),
    "ANSI by escape": a_job('{command: "\\e[2Jgone"}'),
    "8-bit ANSI": a_job("{command: 'a\x9b31mb'}"),
    "carriage return": a_job('{command: "evil\\rgood"}'),
    "a workflow command": a_job("{comand: x}").replace("kind: Job", "kind: '::error::forged'"),
    "a workflow command on its own line": a_job('{command: x, "a\\n::set-output name=x::y": 1}'),
    "a workflow command in a key": a_job("{'::add-mask::x': 1, '##[error]y': 2}"),
    "a workflow command in a folded text": a_job(
        "\n  command: x\n  environment: |\n    a\n    ::error::forged\n"
    ),
    "a workflow command as the excerpt": "::error file=a::b: [\n",
    "stop-commands": a_job("{command: x, compute: '::stop-commands::x'}"),
    "right to left": a_job("{command: 'rm \u202efdp.exe'}"),
    "isolates": a_job("{command: 'a\u2066b\u2069'}"),
    "invisible letters": a_job("{comm\u200band: x}"),
    "tag letters": a_job("{command\U000e0061: x}"),
    "look-alike": a_job("{c\u043emmand: x}"),
    "wide letters": a_job("{'" + "\u6f22" * 30 + "': x}"),
    "marks on marks": a_job("{'" + "a" + "\u0301" * 500 + "': x}"),
    "HTML": a_job("{'<img src=x onerror=alert(1)>': 1, '@everyone #1': 2}"),
    "Markdown": a_job("{'](http://x) ``` | ': 1}"),
    "format strings": a_job("{'%n%s{0}{x!r}': 1, '${HOME}': 2}"),
    # Out of the project
    "code above the project": a_job("{command: x, code: ../../..}"),
    "absolute code": a_job("{command: x, code: /etc}"),
    "conda file above the project": a_job(
        "{command: x, environment: {image: i, conda_file: ../../../../etc/passwd}}"
    ),
    "a device": a_job("{command: x, environment: {image: i, conda_file: /dev/zero}}"),
    "code that is the manifest": a_job("{command: x, code: hostile.yaml}"),
    "a name that climbs": a_job("{command: x}", "../../evil"),
    "a name with a slash": a_job("{command: x}", "a/b"),
    "an output that climbs": a_job("{command: x, outputs: {'../../x': {type: uri_folder}}}"),
    "a name of 300 letters": a_job("{command: x}", "a" * 300),
    "a path of 70,000 letters": a_job("{command: x, code: '" + "../" * 23 * K + "'}"),
    "a NUL in a path": a_job('{command: x, code: "a\\0b"}'),
    # Its own grammar
    "expression that is not closed": a_job("{command: 'a ${{inputs.x'}"),
    "expression in an expression": a_job("{command: '${{inputs.${{inputs.x}}}}'}"),
    "expression that is empty": a_job("{command: '${{}} ${{ }}'}"),
    "it waits for itself": a_job("{command: x, depends_on: [hostile]}"),
    "it takes from itself": a_job("{command: x, inputs: {a: '${{jobs.hostile.outputs.m}}'}}"),
    "gate beyond all floats": a_job("{command: x, gates: ['a >= 1e999']}"),
    "gate of a metric of 60,000 letters": a_job("{command: x, gates: ['" + "a" * 60 * K + "']}"),
    "a secret": a_job("{command: x, environment_variables: {A_TOKEN: 'hunter2hunter2'}}"),
    "two of one name": a_job("{command: x}") + "---\n" + a_job("{command: y}", "Hostile"),
    "Azure ML with nonsense": "type: command\ncommand: [x]\ninputs: 7\ntags: [a]\n",
    "Azure ML sweep": "$schema: https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json\n",
    "Azure ML that mixes": "type: command\nkind: Job\nmetadata: {name: x}\n",
}

LARGE: dict[str, Callable[[], str]] = {
    "a tag of a million letters": lambda: "a: !" + "x" * MOST,
    "a text of a million letters": lambda: a_job("{command: '" + "x" * 1000 * K + "'}"),
    "a key of 900,000 letters": lambda: a_job("{command: x, " + "k" * 900 * K + ": 1}"),
    "more than is read": lambda: "a: " + "x" * (MOST + 1),
    "300,000 open expressions": lambda: a_job("{command: '" + "${{" * 300 * K + "'}"),
    "300,000 open, one closed": lambda: a_job("{command: '" + "${{" * 300 * K + "}}'}"),
    "an expression of 900,000 blanks": lambda: a_job("{command: '${{" + " " * 900 * K + "'}"),
    "70,000 unknown inputs": lambda: a_job("{command: '" + "${{inputs.y}}" * 70 * K + "'}"),
    "20,000 variables of 40 letters": lambda: a_job(
        "{command: '" + "${{vars.data_root}}" * 20 * K + "'}"
    ),
    "40,000 gates that are none": lambda: a_job("{command: x, gates: [" + flow(40 * K, "a") + "]}"),
    "a gate of 900,000 blanks": lambda: a_job("{command: x, gates: ['a" + " " * 900 * K + "x']}"),
    "a Dockerfile of 100,000 blank lines": lambda: a_job(
        '{command: x, environment: {dockerfile: "' + "\\n" * 100 * K + 'RUN x"}}'
    ),
    "20,000 unused inputs": lambda: a_job("{command: x, inputs: {" + flow(20 * K, "i#: 1") + "}}"),
    "20,000 unknown upstream jobs": lambda: a_job(
        "{command: x, inputs: {" + flow(20 * K, "i#: '${{jobs.b.outputs.m}}'") + "}}"
    ),
    "40,000 unknown dependencies": lambda: a_job(
        "{command: x, depends_on: [" + flow(40 * K, "j#") + "]}"
    ),
    "20,000 unknown fields": lambda: a_job("{command: x, " + flow(20 * K, "comand#: 1") + "}"),
    "10,000 unknown workspaces": lambda: a_job(
        "{command: x}", rest="overrides: {" + flow(10 * K, "w#: {command: y}") + "}\n"
    ),
    "2,000 jobs of one name": lambda: "---\n".join([a_job("{command: x}")] * 2 * K),
    "2,000 slips in names": lambda: jobs(2 * K, "{command: x, depends_on: [jbo-9#]}"),
    "a ring of 2,000 jobs": lambda: "---\n".join(
        a_job(f"{{command: x, depends_on: [job-{(number + 1) % (2 * K)}]}}", f"job-{number}")
        for number in range(2 * K)
    ),
    "200 jobs that all wait for all": lambda: "---\n".join(
        a_job("{command: x, depends_on: [" + flow(200, "job-#") + "]}", f"job-{number}")
        for number in range(200)
    ),
    "20,000 inputs for Azure ML": lambda: (
        "type: command\ncommand: x\nname: hostile\nenvironment: azureml:e:1\n"
        "inputs: {" + flow(20 * K, "i#: 1") + "}\n"
    ),
    "addresses without end": lambda: a_job("{command: '" + "a://:" * 150 * K + "'}"),
}

PROJECTS: dict[str, str] = {
    "globs of globs": "manifests: ['" + "**/*/" * 100 + "*.yaml']",
    "a glob of half a path": "manifests: ['" + "*/" * 500 + "']",
    "out of the project": "manifests: [.., /etc, ../../x]",
    "a workspace's path above": "workspaces: {local: {type: local, path: ../../../tmp/x}}",
    "200 workspaces": "workspaces: {" + flow(200, "w#: {type: local}") + "}",
    "defaults that are none": "defaults: {Job: [1], Nonsense: {a: 1}}",
    "a default that is a workflow command": "default_workspace: '::error::x'",
}


def small() -> Iterator[tuple[str, str, bytes]]:
    """Name, place and bytes of what is cheap to try."""
    for name, text in SMALL.items():
        yield name, "manifest", text if isinstance(text, bytes) else text.encode(errors="replace")
    for name, spec in PROJECTS.items():
        local = "" if "workspaces:" in spec else "\n  workspaces: {local: {type: local}}"
        head = "apiVersion: gitrain/v1\nkind: Project\nmetadata: {name: pets}\nspec:\n  "
        yield name, "project", f"{head}{spec}{local}\n".encode()
    for place in ("conda", "requirements"):
        for name in ("alias bomb", "NUL", "UTF-16", "ANSI", "a list", "empty"):
            text = SMALL[name]
            yield name, place, text if isinstance(text, bytes) else text.encode()
    for file in sorted(FOUND.glob("*/*")):
        yield file.name, file.parent.name, file.read_bytes()


def large() -> Iterator[tuple[str, str, bytes]]:
    """What nears the limits of size."""
    for name, make in LARGE.items():
        yield name, "manifest", make().encode()[: MOST + 1]
