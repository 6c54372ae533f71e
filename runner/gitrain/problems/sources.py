"""Codes of code folders, and of data by content."""

from gitrain.problems.row import Example, Row, a_job, files

_PLAN = "gitrain plan"


def _code(*commands: str, **more: str) -> Example:
    """A job with a code folder; `more` are files in that folder, named without `.sh`."""
    shipped = {f"training/{name}.sh": text for name, text in more.items()}
    job = a_job("command: sh train.sh\ncode: ../training\nsuspend: true")
    return files({"jobs/train.yaml": job, **shipped}, *commands, _PLAN)


def _content(*commands: str) -> Example:
    job = a_job(
        "command: ls ${{inputs.images}}\nsuspend: true\n"
        "inputs: {images: {path: ../images, fingerprint: content}}"
    )
    return files({"jobs/train.yaml": job, "images/1.txt": "one\n"}, *commands, _PLAN)


_SUBMODULE = (
    *("git init -q -b main ../lib", "echo one > ../lib/lib.sh", "git -C ../lib add ."),
    *("git -C ../lib commit -q -m start", "git init -q -b main"),
    "git -c protocol.file.allow=always submodule add -q ../lib training/lib",
)

ROWS = (
    Row(
        "unreadable",
        "a file or folder that cannot be read",
        "gitrain needs the content to identify a run, and never plans with only part of it. Check "
        "the permissions, and that it is an ordinary file or folder, not a pipe or a device.",
        unshown="it depends on permissions",
    ),
    Row(
        "missing",
        "code or data that cannot be found",
        "The folder does not exist, is not a folder, or is a link to itself. Correct the path in "
        "the manifest.",
        unshown="`missing-path` is reported first; this needs a file that disappears in between",
    ),
    Row(
        "not-a-file",
        "something in a data folder that is neither a file nor a folder",
        "With `fingerprint: content` everything in the folder is hashed, and pipes, sockets and "
        "devices have no content. Remove it from the folder.",
        _content("mkfifo images/pipe"),
        _content(),
    ),
    Row(
        "empty",
        "a code folder without any files to ship",
        "The folder is empty, or .gitignore or .amlignore leaves out everything in it: the run "
        "would start in an empty folder. Check the ignore files, or remove `code`.",
        _code("echo '*' > training/.amlignore", train="echo hello\n"),
        _code(train="echo hello\n"),
    ),
    Row(
        "link-leaves",
        "a symbolic link that leaves its code folder",
        "Only the folder is shipped, so the link would be broken in the run, and its target is not "
        "part of the digest. Copy the file into the folder, or make it an input.",
        _code("ln -s ../gitrain.yaml training/link", train="echo hello\n"),
        _code("cp gitrain.yaml training/copy", train="echo hello\n"),
    ),
    Row(
        "nested-repository",
        "a Git repository inside a code folder",
        "Git does not record the files of a repository inside another one, so a clone would not "
        "have them. Make it a submodule, add its files, or ignore the folder.",
        _code(
            *("git init -q -b main", "git init -q training/lib"),
            "git -C training/lib commit -q --allow-empty -m start",
            train="echo hello\n",
        ),
        _code(
            *("git init -q -b main", "git init -q training/lib"),
            "git -C training/lib commit -q --allow-empty -m start",
            "echo training/lib > .gitignore",
            train="echo hello\n",
        ),
    ),
    Row(
        "submodule-missing",
        "a submodule in a code folder that is not checked out",
        "Its folder is empty in this clone, so a run would lack the files, and the digest would "
        "not show it. Run `git submodule update --init`; in GitHub workflows, check out with "
        "`submodules: recursive`.",
        _code(*_SUBMODULE, "git submodule --quiet deinit --force training/lib"),
        _code(*_SUBMODULE),
    ),
    Row(
        "submodule-dirty",
        "a submodule in a code folder with uncommitted changes",
        "A submodule is shipped as its checked-out commit, and uncommitted changes have no id that "
        "a digest could use. Commit them in the submodule.",
        _code(*_SUBMODULE, "echo two > training/lib/lib.sh"),
        _code(
            *(*_SUBMODULE, "echo two > training/lib/lib.sh"),
            "git -C training/lib commit -q -a -m change",
        ),
    ),
    Row(
        "source-changed",
        "a code folder that changed while gitrain was reading it",
        "The files that would be shipped are no longer those in the digest. Run the command again "
        "once nothing writes to the folder.",
        unshown="it takes a change at the same moment",
    ),
    Row(
        "destination-exists",
        "an existing folder where a run's code should go",
        "Code is copied into a new folder for each run, never into an existing one. Another "
        "command is most likely starting the same run; plan again.",
        unshown="it takes two commands at the same moment",
    ),
)
