"""Codes of reading a file: its bytes, its characters, its YAML."""

from gitrain.problems.row import AZURE, Row, a_job, files, local

_ALIASES = """\
command: echo hello
gates:
- &a [x, x, x, x, x, x, x, x, x, x]
- &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
- &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
- &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
- [*d, *d, *d, *d, *d]"""

_AZUREML = """\
type: command
command: echo ${{{{inputs.id}}}}
inputs: {{id: {}}}
environment: azureml:sklearn:1
compute: azureml:cpu
"""

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
        "an invisible character, or a line break where none is allowed",
        "Control characters can manipulate a terminal, and marks that change the direction of "
        "writing show a reviewer something other than what runs. Line breaks and tabs are allowed "
        "only in fields that may have several lines, such as `command`. Remove the character, or "
        "write everything on one line.",
        local('command: "echo hello\\x07"'),
        local('command: "echo hello"'),
    ),
    Row(
        "yaml-syntax",
        "text that is not valid YAML",
        "The file cannot be read beyond this point, so the rest of it has not been checked. The "
        "usual causes are text with `: ` or `#` in it that is not in quotes, a bracket that is "
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
        "a YAML tag that is not allowed in a manifest",
        "Tags such as `!include` or `!!python/object` ask a program to do something with a value. "
        "A manifest is plain data: only the tags for strings, numbers, booleans, lists and "
        "mappings are allowed, if they match the value. Remove the tag and write the value itself.",
        local("command: !include train.sh"),
        local("command: sh train.sh"),
    ),
    Row(
        "self-reference",
        "an alias inside the value that it stands for",
        "The value would contain itself and never end, so it cannot be written as JSON, which is "
        "what a run's digest is computed from. Write out the value.",
        local("command: echo hello\ninputs: &all {x: *all}"),
        local("command: echo ${{inputs.x}}\ninputs: {x: 1}"),
    ),
    Row(
        "unknown-alias",
        "an alias without an anchor above it",
        "In YAML a word that begins with `*` stands for a value that was marked with `&` earlier "
        "in the same document. If you meant a string, such as a glob, put it in quotes.",
        local("command: echo $FILES\nenvironment_variables:\n  FILES: *csv"),
        local('command: echo $FILES\nenvironment_variables:\n  FILES: "*csv"'),
    ),
    Row(
        "non-string-key",
        "a key that is not a string",
        "Manifests are JSON written as YAML, and in JSON every key is a string. YAML reads `1`, "
        "`true` or `null` without quotes as something else. Put the key in quotes, or name it "
        "differently.",
        local("command: echo ${{inputs.true}}\ninputs:\n  true: 1"),
        local("command: echo ${{inputs.flag}}\ninputs:\n  flag: 1"),
    ),
    Row(
        "merge-key",
        "a merge key (`<<`)",
        "YAML 1.2 dropped merge keys, and parsers disagree about which value wins. Write "
        "out the fields. What all jobs share belongs under `spec.defaults.Job` in gitrain.yaml.",
        local("<<: {retries: 1}\ncommand: echo hello"),
        local("retries: 1\ncommand: echo hello"),
    ),
    Row(
        "duplicate-key",
        "the same key twice in one mapping",
        "Most parsers keep one of the two values and silently drop the other, so that what "
        "runs is not what a reviewer read. Keep one of them.",
        local("command: echo hello\nretries: 1\nretries: 2"),
        local("command: echo hello\nretries: 2"),
    ),
    Row(
        "too-many-values",
        "a file that grows too large when its aliases are expanded",
        "A few lines of aliases to aliases can stand for billions of values and exhaust the "
        "machine that reads them. A file may have 50,000 values, which is about 500 manifests. Use "
        "fewer aliases, or split the file.",
        local(_ALIASES),
        local("command: echo hello"),
    ),
    Row(
        "too-deep",
        "values nested more deeply than any manifest needs",
        "No manifest needs more than 32 levels; a file with more was most likely generated by "
        "mistake. Use fewer levels.",
        local(f"command: echo hello\ngates: {'[' * 32}x{']' * 32}"),
        local('command: echo hello\ngates: ["accuracy >= 0.9"]'),
    ),
    Row(
        "too-many-problems",
        "a file with more problems than are reported",
        "gitrain stops checking a file after 100 problems: they usually have one cause, such as "
        "another program's file in a manifest folder. Fix the reported ones and run the command "
        "again.",
        unshown="it takes more than 100 problems in one file",
    ),
    Row(
        "huge-number",
        "a number that does not fit in 64 bits",
        "Programs read such a number differently: some round it, some refuse it, so two machines "
        "could compute different digests for one manifest. Write a smaller number, or put it in "
        "quotes if it is really a string, such as an account number.",
        local("command: echo ${{inputs.account}}\ninputs: {account: 12345678901234567890}"),
        local('command: echo ${{inputs.account}}\ninputs: {account: "12345678901234567890"}'),
    ),
    Row(
        "not-finite",
        "infinity, or a value that is not a number",
        "JSON has neither, and a digest is computed from JSON. Write a large finite number, or put "
        "the word in quotes and let your program interpret it.",
        local("command: echo ${{inputs.limit}}\ninputs: {limit: .inf}"),
        local('command: echo ${{inputs.limit}}\ninputs: {limit: "inf"}'),
    ),
    Row(
        "changed-text",
        "a number or boolean that is not written as the command gets it",
        "Inputs, variables and `vars` become text in a command, and the text of a number is its "
        "shortest one: `3.10` becomes 3.1, the commit `6063e25` a huge number, the postcode "
        "`01067` loses its zero, and `True` becomes `true`. Put it in quotes, which keeps every "
        "character. Numbers such as `1e-4` or `.5`, which nobody takes for anything else, are not "
        "reported.",
        local("command: echo ${{inputs.python}}\ninputs: {python: 3.10}"),
        local('command: echo ${{inputs.python}}\ninputs: {python: "3.10"}'),
    ),
    Row(
        "yaml-version",
        "a value that the Azure ML CLI reads differently",
        "`az ml` reads YAML 1.1, in which `yes` is a boolean, `010` is eight, `12:30:00` is a "
        "number of seconds and `1e-4` is text, and it inserts a boolean as Python writes it; "
        "gitrain reads YAML 1.2. A file that both use must mean the same to both: write the value "
        "in quotes, as the command should get it.",
        files({"gitrain.yaml": AZURE, "jobs/train.yml": _AZUREML.format("010")}),
        files({"gitrain.yaml": AZURE, "jobs/train.yml": _AZUREML.format('"010"')}),
    ),
    Row(
        "line-not-folded",
        "a line of a folded command that stays a line of its own",
        "In a text that begins with `>`, YAML joins lines with a blank, except those that are "
        "indented further: they stay lines, and the shell runs them as commands. An option on such "
        "a line is lost, and the run may complete all the same. Indent all lines alike, or end the "
        "line above with a backslash.",
        local("command: >-\n  echo\n    hello"),
        local("command: >-\n  echo\n  hello"),
    ),
)
