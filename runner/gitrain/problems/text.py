"""Codes of reading a file: its bytes, its characters, its YAML."""

from gitrain.problems.row import Row, a_job, files, local

_ALIASES = """\
command: echo hello
gates:
- &a [x, x, x, x, x, x, x, x, x, x]
- &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
- &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
- &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
- [*d, *d, *d, *d, *d]"""

ROWS = (
    Row(
        "too-large",
        "a file that is larger than gitrain reads",
        "A manifest is written and reviewed by people, so a file of more than a mebibyte is almost "
        "certainly not one; reading it would take long and fill the screen. Split it into several "
        "files, or move data out of the manifest folders. Without ruamel.yaml's C parser the limit "
        "is 131,072 characters, because the parser in Python is slow.",
        unshown="the file has more than a mebibyte",
    ),
    Row(
        "encoding",
        "a file that is not plain UTF-8",
        "Manifests are UTF-8 without a byte order mark, so that everyone's editor, Git and gitrain "
        "see the same characters. Some editors on Windows save UTF-16 or add a mark: choose UTF-8 "
        "when you save the file.",
        files({"jobs/train.yaml": "\ufeff" + a_job("command: echo hello")}),
        local("command: echo hello"),
    ),
    Row(
        "control-character",
        "a character that cannot be seen, or a line break where none belongs",
        "Control characters can steer a terminal, and marks that change the direction of writing "
        "show a reviewer another text than the one that runs. Line breaks and tabs are allowed "
        "only in texts that may have several lines, such as `command`. Remove the character, or "
        "write the text on one line.",
        local('command: "echo hello\\x07"'),
        local('command: "echo hello"'),
    ),
    Row(
        "yaml-syntax",
        "text that is not valid YAML",
        "The file cannot be read beyond this place, so nothing else in it has been checked. The "
        "usual causes are a text with `: ` or `#` in it that is not in quotes, a bracket that is "
        "not closed, and indentation that does not match the lines above.",
        local("command: echo loss: 0.1"),
        local('command: "echo loss: 0.1"'),
    ),
    Row(
        "tab",
        "a tab that indents a line",
        "YAML does not allow tabs as indentation, because editors show them with different widths. "
        "Indent with spaces; most editors can convert a whole file.",
        local("command: echo hello\n\tretries: 1"),
        local("command: echo hello\nretries: 1"),
    ),
    Row(
        "foreign-tag",
        "a YAML tag that has no meaning in a manifest",
        "Tags such as `!include` or `!!python/object` ask a program to do something with a value. "
        "A manifest is plain data, and only the tags for texts, numbers, truth values, lists and "
        "mappings are read, where the value fits them. Remove the tag and write the value itself.",
        local("command: !include train.sh"),
        local("command: sh train.sh"),
    ),
    Row(
        "self-reference",
        "an alias inside the value that it stands for",
        "The value would contain itself and never end, so it cannot be written as JSON, which is "
        "what a run's digest is made from. Write the value out.",
        local("command: echo hello\ninputs: &all {x: *all}"),
        local("command: echo ${{inputs.x}}\ninputs: {x: 1}"),
    ),
    Row(
        "unknown-alias",
        "an alias without an anchor above it",
        "In YAML a word that begins with `*` stands for a value that was marked with `&` earlier "
        "in the same document. If you meant a text, such as a glob, put it in quotes.",
        local("command: echo $FILES\nenvironment_variables:\n  FILES: *csv"),
        local('command: echo $FILES\nenvironment_variables:\n  FILES: "*csv"'),
    ),
    Row(
        "non-string-key",
        "a key that is not a text",
        "Manifests are JSON written as YAML, and in JSON every key is a text. YAML reads `1`, "
        "`true` or `null` without quotes as something else. Put the key in quotes, or name it "
        "differently.",
        local("command: echo ${{inputs.true}}\ninputs:\n  true: 1"),
        local("command: echo ${{inputs.flag}}\ninputs:\n  flag: 1"),
    ),
    Row(
        "merge-key",
        "a merge key (`<<`)",
        "Merge keys left YAML with version 1.2, and parsers disagree about which value wins. Write "
        "the fields out. What all jobs share belongs under `spec.defaults.Job` in gitrain.yaml.",
        local("<<: {retries: 1}\ncommand: echo hello"),
        local("retries: 1\ncommand: echo hello"),
    ),
    Row(
        "duplicate-key",
        "the same key twice in one mapping",
        "Most parsers keep one of the two values and drop the other without a word, so that what "
        "runs is not what a reviewer read. Keep one of them.",
        local("command: echo hello\nretries: 1\nretries: 2"),
        local("command: echo hello\nretries: 2"),
    ),
    Row(
        "too-many-values",
        "a file that grows too large when its aliases are written out",
        "A few lines of aliases to aliases can stand for billions of values and exhaust the "
        "machine that reads them. A file may have 50,000 values, which is about 500 manifests. Use "
        "fewer aliases, or split the file.",
        local(_ALIASES),
        local("command: echo hello"),
    ),
    Row(
        "too-deep",
        "values nested more deeply than any manifest needs",
        "Nothing in a manifest is nested more than 32 levels deep; a file that is was most likely "
        "generated by mistake. Write the value with fewer levels.",
        local(f"command: echo hello\ngates: {'[' * 32}x{']' * 32}"),
        local('command: echo hello\ngates: ["accuracy >= 0.9"]'),
    ),
    Row(
        "too-many-problems",
        "a file with more problems than are reported",
        "After 100 problems in a file gitrain stops checking it: they usually have one cause, such "
        "as a file of another program in a manifest folder. Fix the ones that are reported and run "
        "the command again.",
        unshown="it takes more than 100 problems in one file",
    ),
    Row(
        "huge-number",
        "a number that does not fit into 64 bits",
        "Programs read such a number differently: some round it, some refuse it, so two machines "
        "could compute different digests for one manifest. Write a smaller number, or put it in "
        "quotes if it is really a text, such as an account number.",
        local("command: echo ${{inputs.account}}\ninputs: {account: 12345678901234567890}"),
        local('command: echo ${{inputs.account}}\ninputs: {account: "12345678901234567890"}'),
    ),
    Row(
        "not-finite",
        "infinity, or a value that is not a number",
        "JSON has neither, and a digest is made from JSON. Write a large finite number, or put the "
        "word in quotes and let your program interpret it.",
        local("command: echo ${{inputs.limit}}\ninputs: {limit: .inf}"),
        local('command: echo ${{inputs.limit}}\ninputs: {limit: "inf"}'),
    ),
)
